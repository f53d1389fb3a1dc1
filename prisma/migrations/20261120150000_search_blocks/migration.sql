-- CreateTable
CREATE TABLE "SearchBlock" (
    "accountId" UUID NOT NULL,
    "bucket" SMALLINT NOT NULL,
    "block" INTEGER NOT NULL,
    "bits" bit(16384) NOT NULL,

    CONSTRAINT "SearchBlock_pkey" PRIMARY KEY ("accountId","bucket","block")
);

-- CreateIndex
CREATE INDEX "SearchBlock_accountId_block_idx" ON "SearchBlock"("accountId", "block");

-- CreateTable
CREATE TABLE "SearchStale" (
    "accountId" UUID NOT NULL,
    "id" BIGSERIAL NOT NULL,
    "number" INTEGER NOT NULL,

    CONSTRAINT "SearchStale_pkey" PRIMARY KEY ("accountId","id")
);

-- What Prisma has no words for.

-- Most bits of most rows are 0: those shrink to a few bytes. The others stay in their row as they are: a search reads all of a bucket.
ALTER TABLE "SearchBlock" ALTER COLUMN "bits" SET STORAGE MAIN;
