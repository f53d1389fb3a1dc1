-- CreateSchema
CREATE SCHEMA IF NOT EXISTS "public";

-- CreateEnum
CREATE TYPE "ApiKeyScope" AS ENUM ('ADMIN', 'EDITOR', 'VIEWER', 'INGEST');

-- CreateEnum
CREATE TYPE "SubmissionOutcome" AS ENUM ('CREATED', 'UPDATED', 'UNCHANGED', 'DUPLICATE', 'REJECTED');

-- CreateTable
CREATE TABLE "Account" (
    "id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "Account_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "ApiKey" (
    "id" UUID NOT NULL,
    "accountId" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "scope" "ApiKeyScope" NOT NULL,
    "prefix" TEXT NOT NULL,
    "lastFour" TEXT NOT NULL,
    "hash" BYTEA NOT NULL,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "lastUsedAt" TIMESTAMPTZ(3),
    "revokedAt" TIMESTAMPTZ(3),

    CONSTRAINT "ApiKey_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "LogHead" (
    "accountId" UUID NOT NULL,
    "seq" BIGINT NOT NULL DEFAULT 0,
    "leadNumber" INTEGER NOT NULL DEFAULT 0,

    CONSTRAINT "LogHead_pkey" PRIMARY KEY ("accountId")
);

-- CreateTable
CREATE TABLE "Lead" (
    "id" UUID NOT NULL,
    "accountId" UUID NOT NULL,
    "number" INTEGER NOT NULL,
    "stage" TEXT NOT NULL,
    "email" TEXT,
    "emailKey" TEXT,
    "firstName" TEXT,
    "lastName" TEXT,
    "phone" TEXT,
    "phoneE164" TEXT,
    "company" TEXT,
    "position" TEXT,
    "website" TEXT,
    "twitter" TEXT,
    "linkedin" TEXT,
    "notes" TEXT,
    "score" INTEGER,
    "address" JSONB,
    "birthDate" DATE,
    "gender" TEXT,
    "sourceName" TEXT,
    "campaignName" TEXT,
    "domain" TEXT,
    "utmSource" TEXT,
    "utmMedium" TEXT,
    "utmCampaign" TEXT,
    "utmTerm" TEXT,
    "utmContent" TEXT,
    "referrer" TEXT,
    "landingPage" TEXT,
    "ipAddress" TEXT,
    "userAgent" TEXT,
    "browser" TEXT,
    "deviceType" TEXT,
    "formPercent" DOUBLE PRECISION,
    "formCompleted" INTEGER,
    "formTotal" INTEGER,
    "customData" JSONB NOT NULL DEFAULT '{}',
    "tags" TEXT[] DEFAULT ARRAY[]::TEXT[],
    "externalId" TEXT,
    "sellerLeadId" TEXT,
    "product" TEXT,
    "trustedFormUrl" TEXT,
    "trustedFormStatus" TEXT,
    "price" DECIMAL(38,18),
    "crmLeadId" TEXT,
    "transactionId" TEXT,
    "cost" DECIMAL(38,18) NOT NULL DEFAULT 0,
    "adSpend" DECIMAL(38,18) NOT NULL DEFAULT 0,
    "revenue" DECIMAL(38,18) NOT NULL DEFAULT 0,
    "payout" DECIMAL(38,18) NOT NULL DEFAULT 0,
    "duplicateOfId" UUID,
    "createdAt" TIMESTAMPTZ(3) NOT NULL,
    "updatedAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "Lead_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "LeadSearch" (
    "accountId" UUID NOT NULL,
    "number" INTEGER NOT NULL,
    "leadId" UUID NOT NULL,
    "words" tsvector NOT NULL,

    CONSTRAINT "LeadSearch_pkey" PRIMARY KEY ("accountId","number")
);

-- CreateTable
CREATE TABLE "Submission" (
    "id" UUID NOT NULL,
    "accountId" UUID NOT NULL,
    "leadId" UUID,
    "dialect" TEXT NOT NULL,
    "actor" TEXT NOT NULL,
    "outcome" "SubmissionOutcome" NOT NULL,
    "fields" JSONB NOT NULL,
    "reasons" TEXT[],
    "body" JSON NOT NULL,
    "ipAddress" TEXT,
    "userAgent" TEXT,
    "crmLeadId" TEXT,
    "receivedAt" TIMESTAMPTZ(3) NOT NULL,
    "durationMs" DOUBLE PRECISION NOT NULL,

    CONSTRAINT "Submission_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "StageChange" (
    "id" UUID NOT NULL,
    "accountId" UUID NOT NULL,
    "leadId" UUID NOT NULL,
    "fromStage" TEXT,
    "toStage" TEXT NOT NULL,
    "forced" BOOLEAN NOT NULL,
    "via" TEXT NOT NULL,
    "actor" TEXT NOT NULL,
    "reason" TEXT,
    "occurredAt" TIMESTAMPTZ(3) NOT NULL,
    "recordedAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "StageChange_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "Change" (
    "accountId" UUID NOT NULL,
    "seq" BIGINT NOT NULL,
    "id" UUID NOT NULL,
    "type" TEXT NOT NULL,
    "leadId" UUID NOT NULL,
    "origin" TEXT NOT NULL,
    "actor" TEXT NOT NULL,
    "summary" TEXT NOT NULL,
    "data" JSONB NOT NULL,
    "previous" JSONB,
    "submissionId" UUID,
    "stageChangeId" UUID,
    "occurredAt" TIMESTAMPTZ(3) NOT NULL,
    "recordedAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "Change_pkey" PRIMARY KEY ("accountId","seq")
);

-- CreateTable
CREATE TABLE "IdempotencyRecord" (
    "accountId" UUID NOT NULL,
    "credential" TEXT NOT NULL,
    "operation" TEXT NOT NULL,
    "key" TEXT NOT NULL,
    "requestHash" TEXT NOT NULL,
    "answer" JSONB NOT NULL,
    "leadId" UUID,
    "createdAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "IdempotencyRecord_pkey" PRIMARY KEY ("accountId","credential","operation","key")
);

-- CreateIndex
CREATE UNIQUE INDEX "Account_name_key" ON "Account"("name");

-- CreateIndex
CREATE UNIQUE INDEX "ApiKey_hash_key" ON "ApiKey"("hash");

-- CreateIndex
CREATE INDEX "ApiKey_accountId_idx" ON "ApiKey"("accountId");

-- CreateIndex
CREATE INDEX "Lead_accountId_stage_number_idx" ON "Lead"("accountId", "stage", "number");

-- CreateIndex
CREATE INDEX "Lead_accountId_sourceName_number_idx" ON "Lead"("accountId", "sourceName", "number");

-- CreateIndex
CREATE INDEX "Lead_accountId_campaignName_number_idx" ON "Lead"("accountId", "campaignName", "number");

-- CreateIndex
CREATE INDEX "Lead_accountId_domain_number_idx" ON "Lead"("accountId", "domain", "number");

-- CreateIndex
CREATE INDEX "Lead_accountId_crmLeadId_idx" ON "Lead"("accountId", "crmLeadId");

-- CreateIndex
CREATE INDEX "Lead_accountId_createdAt_idx" ON "Lead"("accountId", "createdAt");

-- CreateIndex
CREATE INDEX "Lead_accountId_updatedAt_number_idx" ON "Lead"("accountId", "updatedAt", "number");

-- CreateIndex
CREATE INDEX "Lead_duplicateOfId_idx" ON "Lead"("duplicateOfId");

-- CreateIndex
CREATE UNIQUE INDEX "Lead_accountId_number_key" ON "Lead"("accountId", "number");

-- CreateIndex
CREATE UNIQUE INDEX "Lead_accountId_transactionId_key" ON "Lead"("accountId", "transactionId");

-- CreateIndex
CREATE UNIQUE INDEX "LeadSearch_leadId_key" ON "LeadSearch"("leadId");

-- CreateIndex
CREATE INDEX "LeadSearch_words_idx" ON "LeadSearch" USING GIN ("words");

-- CreateIndex
CREATE INDEX "Submission_accountId_id_idx" ON "Submission"("accountId", "id");

-- CreateIndex
CREATE INDEX "Submission_accountId_outcome_id_idx" ON "Submission"("accountId", "outcome", "id");

-- CreateIndex
CREATE INDEX "Submission_leadId_id_idx" ON "Submission"("leadId", "id");

-- CreateIndex
CREATE INDEX "Submission_accountId_crmLeadId_idx" ON "Submission"("accountId", "crmLeadId");

-- CreateIndex
CREATE INDEX "StageChange_leadId_id_idx" ON "StageChange"("leadId", "id");

-- CreateIndex
CREATE UNIQUE INDEX "Change_id_key" ON "Change"("id");

-- CreateIndex
CREATE INDEX "Change_leadId_occurredAt_seq_idx" ON "Change"("leadId", "occurredAt", "seq");

-- CreateIndex
CREATE INDEX "IdempotencyRecord_createdAt_idx" ON "IdempotencyRecord"("createdAt");

-- CreateIndex
CREATE INDEX "IdempotencyRecord_leadId_idx" ON "IdempotencyRecord"("leadId");

-- AddForeignKey
ALTER TABLE "ApiKey" ADD CONSTRAINT "ApiKey_accountId_fkey" FOREIGN KEY ("accountId") REFERENCES "Account"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Lead" ADD CONSTRAINT "Lead_duplicateOfId_fkey" FOREIGN KEY ("duplicateOfId") REFERENCES "Lead"("id") ON DELETE NO ACTION ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE "Submission" ADD CONSTRAINT "Submission_leadId_fkey" FOREIGN KEY ("leadId") REFERENCES "Lead"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "StageChange" ADD CONSTRAINT "StageChange_leadId_fkey" FOREIGN KEY ("leadId") REFERENCES "Lead"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- Two requests with one new email at the same moment end as one lead: this index decides. (Prisma has no word for a partial index.)
CREATE UNIQUE INDEX "Lead_canonical_email_key" ON "Lead"("accountId", "emailKey") WHERE "emailKey" IS NOT NULL AND "duplicateOfId" IS NULL;

-- Rows are found by id or by lead, and whole batches are inserted at once: leave room for updates on the same page.
ALTER TABLE "Lead" SET (fillfactor = 85);
ALTER TABLE "LogHead" SET (fillfactor = 50);

-- The account that exists from the start.
INSERT INTO "Account" ("id", "name") VALUES (gen_random_uuid(), 'default');
INSERT INTO "LogHead" ("accountId") SELECT "id" FROM "Account";

-- Deleting a lead hands its duplicates to the oldest of them in the same transaction.
ALTER TABLE "Lead" ALTER CONSTRAINT "Lead_duplicateOfId_fkey" DEFERRABLE INITIALLY DEFERRED;
