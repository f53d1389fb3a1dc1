-- CreateEnum
CREATE TYPE "DeliveryStatus" AS ENUM ('PENDING', 'DELIVERED', 'RETRYING', 'EXHAUSTED', 'CANCELLED');

-- CreateTable
CREATE TABLE "Webhook" (
    "id" UUID NOT NULL,
    "accountId" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "url" TEXT NOT NULL,
    "method" TEXT NOT NULL,
    "headers" JSONB NOT NULL DEFAULT '{}',
    "enabled" BOOLEAN NOT NULL DEFAULT true,
    "events" TEXT[],
    "filter" JSONB NOT NULL DEFAULT '{}',
    "payloadFormat" TEXT NOT NULL,
    "secret" TEXT NOT NULL,
    "formerSecret" TEXT,
    "formerSecretExpiresAt" TIMESTAMPTZ(3),
    "position" BIGINT NOT NULL,
    "failures" INTEGER NOT NULL DEFAULT 0,
    "failingSince" TIMESTAMPTZ(3),
    "lastSuccessAt" TIMESTAMPTZ(3),
    "disabledReason" TEXT,
    "disabledAt" TIMESTAMPTZ(3),
    "createdBy" TEXT NOT NULL,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updatedAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "deletedAt" TIMESTAMPTZ(3),

    CONSTRAINT "Webhook_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "Delivery" (
    "webhookId" UUID NOT NULL,
    "id" UUID NOT NULL,
    "accountId" UUID NOT NULL,
    "seq" BIGINT,
    "leadId" UUID,
    "event" TEXT NOT NULL,
    "status" "DeliveryStatus" NOT NULL DEFAULT 'PENDING',
    "held" BOOLEAN NOT NULL DEFAULT false,
    "attemptCount" INTEGER NOT NULL DEFAULT 0,
    "tries" INTEGER NOT NULL DEFAULT 0,
    "nextAttemptAt" TIMESTAMPTZ(3),
    "leaseId" UUID,
    "createdAt" TIMESTAMPTZ(3) NOT NULL,
    "deliveredAt" TIMESTAMPTZ(3),

    CONSTRAINT "Delivery_pkey" PRIMARY KEY ("webhookId","id")
);

-- CreateTable
CREATE TABLE "Attempt" (
    "webhookId" UUID NOT NULL,
    "deliveryId" UUID NOT NULL,
    "number" INTEGER NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,
    "url" TEXT NOT NULL,
    "statusCode" INTEGER,
    "durationMs" INTEGER NOT NULL,
    "error" TEXT,
    "responseBody" TEXT,

    CONSTRAINT "Attempt_pkey" PRIMARY KEY ("deliveryId","number")
);

-- CreateIndex
CREATE INDEX "Webhook_accountId_id_idx" ON "Webhook"("accountId", "id");

-- CreateIndex
CREATE UNIQUE INDEX "Delivery_webhookId_seq_key" ON "Delivery"("webhookId", "seq");

-- What Prisma has no words for.

-- A deleted webhook gives its name back.
CREATE UNIQUE INDEX "Webhook_name_key" ON "Webhook"("accountId", "name") WHERE "deletedAt" IS NULL;

-- What is due, and the next one of a lead. What waits for an earlier one of its lead is in the second only.
CREATE INDEX "Delivery_due_idx" ON "Delivery"("webhookId", "nextAttemptAt") WHERE "nextAttemptAt" IS NOT NULL;
CREATE INDEX "Delivery_open_idx" ON "Delivery"("webhookId", "leadId", "seq") WHERE "status" IN ('PENDING', 'RETRYING');
CREATE INDEX "Delivery_exhausted_idx" ON "Delivery"("webhookId", "id") WHERE "status" = 'EXHAUSTED';

-- Tries are forgotten by age; they are stored in the order of time, so a small index of blocks is enough.
CREATE INDEX "Attempt_at_idx" ON "Attempt" USING brin ("at") WITH (pages_per_range = 16);

-- Both queues are updated all the time.
ALTER TABLE "Delivery" SET (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.02);
ALTER TABLE "Webhook" SET (fillfactor = 50);
