-- Where a person may stand in what belongs to no lead, or to another one: looked through when the person is erased. Nearly no row is in these.
CREATE INDEX "Submission_conflict_idx" ON "Submission"("accountId", "id") WHERE "reasons" @> ARRAY['EMAIL_CONFLICT'];
CREATE INDEX "IdempotencyRecord_leadless_idx" ON "IdempotencyRecord"("accountId", "credential", "operation", "key") WHERE "leadId" IS NULL;
