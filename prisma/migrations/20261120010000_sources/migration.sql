-- AlterTable
ALTER TABLE "Lead" ADD COLUMN     "phoneLookup" JSONB,
ADD COLUMN     "sourceId" UUID;

-- AlterTable
ALTER TABLE "Submission" ADD COLUMN     "sourceId" UUID;

-- CreateTable
CREATE TABLE "Source" (
    "id" UUID NOT NULL,
    "accountId" UUID,
    "name" TEXT NOT NULL,
    "description" TEXT,
    "enabled" BOOLEAN NOT NULL DEFAULT true,
    "complianceApproved" BOOLEAN NOT NULL DEFAULT false,
    "complianceNotes" TEXT,
    "requiresTrustedForm" BOOLEAN NOT NULL DEFAULT true,
    "allowedStates" TEXT[] DEFAULT ARRAY[]::TEXT[],
    "allowedProducts" TEXT[] DEFAULT ARRAY[]::TEXT[],
    "defaultTags" TEXT[] DEFAULT ARRAY[]::TEXT[],
    "costPerLead" DECIMAL(38,18),
    "pid" TEXT,
    "keyPrefix" TEXT NOT NULL,
    "keyLastFour" TEXT NOT NULL,
    "createdBy" TEXT NOT NULL,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updatedAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "Source_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "SourceKey" (
    "hash" BYTEA NOT NULL,
    "sourceId" UUID NOT NULL,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "lastUsedAt" TIMESTAMPTZ(3),
    "expiresAt" TIMESTAMPTZ(3),

    CONSTRAINT "SourceKey_pkey" PRIMARY KEY ("hash")
);

-- CreateTable
CREATE TABLE "SourceStats" (
    "sourceId" UUID NOT NULL,
    "created" INTEGER NOT NULL DEFAULT 0,
    "duplicates" INTEGER NOT NULL DEFAULT 0,
    "rejected" INTEGER NOT NULL DEFAULT 0,
    "firstLeadAt" TIMESTAMPTZ(3),
    "lastLeadAt" TIMESTAMPTZ(3),
    "windowStartedAt" TIMESTAMPTZ(3) NOT NULL,
    "windowCount" INTEGER NOT NULL DEFAULT 0,

    CONSTRAINT "SourceStats_pkey" PRIMARY KEY ("sourceId")
);

-- CreateTable
CREATE TABLE "Conversation" (
    "leadId" UUID NOT NULL,
    "accountId" UUID NOT NULL,
    "status" TEXT NOT NULL,
    "isUnread" BOOLEAN NOT NULL,
    "lastSnippet" TEXT,
    "lastEventAt" TIMESTAMPTZ(3) NOT NULL,
    "createdAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "Conversation_pkey" PRIMARY KEY ("leadId")
);

-- CreateTable
CREATE TABLE "CertificateCheck" (
    "leadId" UUID NOT NULL,
    "accountId" UUID NOT NULL,
    "url" TEXT NOT NULL,
    "attempts" INTEGER NOT NULL DEFAULT 0,
    "nextAttemptAt" TIMESTAMPTZ(3) NOT NULL,
    "createdAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "CertificateCheck_pkey" PRIMARY KEY ("leadId")
);

-- CreateIndex
CREATE INDEX "Source_accountId_id_idx" ON "Source"("accountId", "id");

-- CreateIndex
CREATE UNIQUE INDEX "Source_accountId_pid_key" ON "Source"("accountId", "pid");

-- CreateIndex
CREATE INDEX "SourceKey_sourceId_idx" ON "SourceKey"("sourceId");

-- CreateIndex
CREATE INDEX "CertificateCheck_nextAttemptAt_idx" ON "CertificateCheck"("nextAttemptAt");

-- AddForeignKey
ALTER TABLE "Source" ADD CONSTRAINT "Source_accountId_fkey" FOREIGN KEY ("accountId") REFERENCES "Account"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "SourceKey" ADD CONSTRAINT "SourceKey_sourceId_fkey" FOREIGN KEY ("sourceId") REFERENCES "Source"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "SourceStats" ADD CONSTRAINT "SourceStats_sourceId_fkey" FOREIGN KEY ("sourceId") REFERENCES "Source"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- By this a source's own id of a lead is met again.
CREATE INDEX "Lead_sourceId_externalId_idx" ON "Lead"("sourceId", "externalId") WHERE "sourceId" IS NOT NULL AND "externalId" IS NOT NULL;

-- Rewritten by every batch; room on the page keeps that away from the index.
ALTER TABLE "SourceStats" SET (fillfactor = 50);
