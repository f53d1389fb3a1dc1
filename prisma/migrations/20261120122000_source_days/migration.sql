-- CreateTable
CREATE TABLE "SourceDay" (
    "sourceId" UUID NOT NULL,
    "day" DATE NOT NULL,
    "created" INTEGER NOT NULL,
    "duplicates" INTEGER NOT NULL,
    "rejected" INTEGER NOT NULL,

    CONSTRAINT "SourceDay_pkey" PRIMARY KEY ("sourceId","day")
);

-- AddForeignKey
ALTER TABLE "SourceDay" ADD CONSTRAINT "SourceDay_sourceId_fkey" FOREIGN KEY ("sourceId") REFERENCES "Source"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- What Prisma has no words for.

-- The days until now, as far as receipts tell: those of leads that were deleted are gone.
INSERT INTO "SourceDay" ("sourceId", "day", "created", "duplicates", "rejected")
    SELECT s.id, (r."receivedAt" AT TIME ZONE 'UTC')::date, count(*) FILTER (WHERE r.outcome = 'CREATED'),
        count(*) FILTER (WHERE r.outcome = 'DUPLICATE'), count(*) FILTER (WHERE r.outcome = 'REJECTED')
    FROM "Submission" r JOIN "Source" s ON s.id = r."sourceId"
    WHERE r.outcome IN ('CREATED', 'DUPLICATE', 'REJECTED') GROUP BY 1, 2;
