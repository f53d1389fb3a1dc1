-- What is looked up by a key stands under the key first, the account behind it. While a table is young and without statistics, the planner takes any
-- index that begins with the account for as good, and reads all that the account has.
DROP INDEX "Lead_canonical_email_key";
CREATE UNIQUE INDEX "Lead_canonical_email_key" ON "Lead"("emailKey", "accountId") WHERE "emailKey" IS NOT NULL AND "duplicateOfId" IS NULL;
DROP INDEX "Lead_transactionId_key";
CREATE UNIQUE INDEX "Lead_transactionId_key" ON "Lead"("transactionId", "accountId") WHERE "transactionId" IS NOT NULL;
DROP INDEX "Lead_crmLeadId_idx";
CREATE INDEX "Lead_crmLeadId_idx" ON "Lead"("crmLeadId", "accountId") WHERE "crmLeadId" IS NOT NULL;
DROP INDEX "Submission_crmLeadId_idx";
CREATE INDEX "Submission_crmLeadId_idx" ON "Submission"("crmLeadId", "accountId", "id") WHERE "crmLeadId" IS NOT NULL;
DROP INDEX "CrmActivity_waiting_idx";
CREATE INDEX "CrmActivity_waiting_idx" ON "CrmActivity"("crmLeadId", "accountId", "id") WHERE "leadId" IS NULL;
-- An index whose condition follows from that of a look-up is as good to the planner, too: so this one's says what those look-ups do not.
DROP INDEX "CrmActivity_unmatched_idx";
CREATE INDEX "CrmActivity_unmatched_idx" ON "CrmActivity"("accountId", "id") WHERE "leadId" IS NULL AND "accountId" IS NOT NULL;
