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
    "lastSeq" BIGINT NOT NULL DEFAULT 0,

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
    "fields" JSON NOT NULL,
    "reasons" TEXT[],
    "body" JSON NOT NULL,
    "ipAddress" TEXT,
    "userAgent" TEXT,
    "crmLeadId" TEXT,
    "receivedAt" TIMESTAMPTZ(3) NOT NULL,
    "durationMs" DOUBLE PRECISION NOT NULL,

    CONSTRAINT "Submission_pkey" PRIMARY KEY ("accountId","id")
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
    "data" JSON NOT NULL,
    "previous" JSON,
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
CREATE UNIQUE INDEX "Lead_accountId_number_key" ON "Lead"("accountId", "number");

-- CreateIndex
CREATE UNIQUE INDEX "LeadSearch_leadId_key" ON "LeadSearch"("leadId");

-- CreateIndex
CREATE INDEX "LeadSearch_words_idx" ON "LeadSearch" USING GIN ("words");

-- CreateIndex
CREATE INDEX "Submission_leadId_id_idx" ON "Submission"("leadId", "id");

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

-- What Prisma has no words for.

-- Two requests with one new email at the same moment end as one lead: this index decides.
CREATE UNIQUE INDEX "Lead_canonical_email_key" ON "Lead"("accountId", "emailKey") WHERE "emailKey" IS NOT NULL AND "duplicateOfId" IS NULL;
CREATE UNIQUE INDEX "Lead_transactionId_key" ON "Lead"("accountId", "transactionId") WHERE "transactionId" IS NOT NULL;
CREATE INDEX "Lead_crmLeadId_idx" ON "Lead"("accountId", "crmLeadId") WHERE "crmLeadId" IS NOT NULL;
CREATE INDEX "Lead_duplicateOfId_idx" ON "Lead"("duplicateOfId") WHERE "duplicateOfId" IS NOT NULL;

-- Common outcomes are found by walking the newest receipts; rare ones by this index.
CREATE INDEX "Submission_outcome_idx" ON "Submission"("accountId", "outcome", "id") WHERE "outcome" IN ('REJECTED', 'DUPLICATE');
CREATE INDEX "Submission_crmLeadId_idx" ON "Submission"("accountId", "crmLeadId", "id") WHERE "crmLeadId" IS NOT NULL;

-- Deleting a lead hands its duplicates to the oldest of them in the same transaction.
ALTER TABLE "Lead" ALTER CONSTRAINT "Lead_duplicateOfId_fkey" DEFERRABLE INITIALLY DEFERRED;

-- Room for updates on the same page, so that an update which changes no indexed column touches no index.
ALTER TABLE "Lead" SET (fillfactor = 80);
ALTER TABLE "LogHead" SET (fillfactor = 50);

-- The account that exists from the start.
INSERT INTO "Account" ("id", "name") VALUES (gen_random_uuid(), 'default');
INSERT INTO "LogHead" ("accountId") SELECT "id" FROM "Account";
