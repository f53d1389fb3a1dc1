-- AlterTable
ALTER TABLE "Change" ADD COLUMN     "crmActivityId" UUID;

-- CreateTable
CREATE TABLE "CrmActivity" (
    "id" UUID NOT NULL,
    "accountId" UUID NOT NULL,
    "leadId" UUID,
    "crmLeadId" TEXT NOT NULL,
    "eventType" TEXT NOT NULL,
    "status" TEXT,
    "payload" JSON NOT NULL,
    "dialect" TEXT NOT NULL,
    "actor" TEXT NOT NULL,
    "occurredAt" TIMESTAMPTZ(3) NOT NULL,
    "receivedAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "CrmActivity_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "CrmActivity_leadId_occurredAt_id_idx" ON "CrmActivity"("leadId", "occurredAt", "id");

-- What Prisma has no words for.

-- What waits for its lead: by the id that it waits for, and as a list. What is bound leaves both.
CREATE INDEX "CrmActivity_waiting_idx" ON "CrmActivity"("accountId", "crmLeadId", "id") WHERE "leadId" IS NULL;
CREATE INDEX "CrmActivity_unmatched_idx" ON "CrmActivity"("accountId", "id") WHERE "leadId" IS NULL;
