-- Whom an email means that no canonical lead has: the oldest duplicate with it. The sum keeps the planner from walking the leads by number instead.
CREATE INDEX "Lead_duplicate_email_idx" ON "Lead"("emailKey", "accountId", (number + 0)) WHERE "emailKey" IS NOT NULL AND "duplicateOfId" IS NOT NULL;
