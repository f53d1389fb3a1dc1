-- CreateEnum
CREATE TYPE "LedgerKind" AS ENUM ('COST', 'AD_SPEND', 'PAYOUT');

-- CreateEnum
CREATE TYPE "CostOperation" AS ENUM ('ADD', 'SUBTRACT', 'OVERRIDE');

-- AlterTable
ALTER TABLE "Change" ADD COLUMN     "leadEventId" UUID;

-- CreateTable
CREATE TABLE "EventType" (
    "id" UUID NOT NULL,
    "accountId" UUID NOT NULL,
    "eventId" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "description" TEXT,
    "isConversion" BOOLEAN NOT NULL,
    "allowRepeats" BOOLEAN NOT NULL,
    "payoutFixed" DECIMAL(38,18),
    "payoutPercent" DECIMAL(38,18),
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "EventType_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "Campaign" (
    "id" UUID NOT NULL,
    "accountId" UUID NOT NULL,
    "cid" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "Campaign_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "CampaignEvent" (
    "campaignId" UUID NOT NULL,
    "eventTypeId" UUID NOT NULL,
    "position" INTEGER NOT NULL,
    "enabled" BOOLEAN NOT NULL,
    "isConversion" BOOLEAN,
    "allowRepeats" BOOLEAN,
    "payoutFixed" DECIMAL(38,18),
    "payoutPercent" DECIMAL(38,18),

    CONSTRAINT "CampaignEvent_pkey" PRIMARY KEY ("campaignId","eventTypeId")
);

-- CreateTable
CREATE TABLE "LeadEvent" (
    "id" UUID NOT NULL,
    "accountId" UUID NOT NULL,
    "leadId" UUID NOT NULL,
    "eventTypeId" UUID NOT NULL,
    "campaignId" UUID,
    "isConversion" BOOLEAN NOT NULL,
    "revenue" DECIMAL(38,18),
    "payout" DECIMAL(38,18),
    "transactionId" TEXT NOT NULL,
    "pid" TEXT NOT NULL,
    "details" JSON NOT NULL,
    "actor" TEXT NOT NULL,
    "submissionId" UUID,
    "occurredAt" TIMESTAMPTZ(3) NOT NULL,
    "recordedAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "LeadEvent_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "EventFiring" (
    "leadId" UUID NOT NULL,
    "eventTypeId" UUID NOT NULL,
    "accountId" UUID NOT NULL,
    "count" INTEGER NOT NULL,
    "lastFiredAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "EventFiring_pkey" PRIMARY KEY ("leadId","eventTypeId")
);

-- CreateTable
CREATE TABLE "LedgerEntry" (
    "id" UUID NOT NULL,
    "accountId" UUID NOT NULL,
    "leadId" UUID NOT NULL,
    "kind" "LedgerKind" NOT NULL,
    "operation" "CostOperation" NOT NULL,
    "sent" DECIMAL(38,18) NOT NULL,
    "amount" DECIMAL(38,18) NOT NULL,
    "cause" TEXT NOT NULL,
    "leadEventId" UUID,
    "actor" TEXT NOT NULL,
    "recordedAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "LedgerEntry_pkey" PRIMARY KEY ("leadId","id")
);

-- CreateIndex
CREATE UNIQUE INDEX "EventType_accountId_eventId_key" ON "EventType"("accountId", "eventId");

-- CreateIndex
CREATE UNIQUE INDEX "Campaign_cid_key" ON "Campaign"("cid");

-- CreateIndex
CREATE INDEX "Campaign_accountId_id_idx" ON "Campaign"("accountId", "id");

-- CreateIndex
CREATE INDEX "LeadEvent_leadId_id_idx" ON "LeadEvent"("leadId", "id");

-- CreateIndex
CREATE INDEX "EventFiring_eventTypeId_leadId_idx" ON "EventFiring"("eventTypeId", "leadId");

-- AddForeignKey
ALTER TABLE "CampaignEvent" ADD CONSTRAINT "CampaignEvent_campaignId_fkey" FOREIGN KEY ("campaignId") REFERENCES "Campaign"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "CampaignEvent" ADD CONSTRAINT "CampaignEvent_eventTypeId_fkey" FOREIGN KEY ("eventTypeId") REFERENCES "EventType"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- What Prisma has no words for.

ALTER TABLE "EventType" ADD CONSTRAINT "EventType_one_payout" CHECK ("payoutFixed" IS NULL OR "payoutPercent" IS NULL);
ALTER TABLE "CampaignEvent" ADD CONSTRAINT "CampaignEvent_one_payout" CHECK ("payoutFixed" IS NULL OR "payoutPercent" IS NULL);

-- A repeated firing changes no indexed column: with room on the page it touches no index.
ALTER TABLE "EventFiring" SET (fillfactor = 80);
