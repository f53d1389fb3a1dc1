-- CreateTable
CREATE TABLE "Rollup" (
    "id" SERIAL NOT NULL,
    "accountId" UUID NOT NULL,
    "seq" BIGINT NOT NULL,
    "appliedAt" TIMESTAMPTZ(3) NOT NULL,
    "isServed" BOOLEAN NOT NULL,

    CONSTRAINT "Rollup_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "RollupTuple" (
    "rollupId" INTEGER NOT NULL,
    "source" TEXT NOT NULL,
    "campaign" TEXT NOT NULL,
    "domain" TEXT NOT NULL,
    "device" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "item" TEXT NOT NULL,
    "step" INTEGER NOT NULL,
    "quarter" TIMESTAMPTZ(3) NOT NULL,
    "leads" INTEGER NOT NULL,
    "formLeads" INTEGER NOT NULL,
    "formPercents" DECIMAL NOT NULL,
    "cost" DECIMAL NOT NULL,
    "adSpend" DECIMAL NOT NULL,
    "events" INTEGER NOT NULL,
    "conversions" INTEGER NOT NULL,
    "revenue" DECIMAL NOT NULL,
    "payout" DECIMAL NOT NULL,
    "stays" INTEGER NOT NULL,
    "staySeconds" DECIMAL NOT NULL,

    CONSTRAINT "RollupTuple_pkey" PRIMARY KEY ("rollupId","kind","quarter","source","campaign","domain","device","item","step")
);

-- CreateTable
CREATE TABLE "RollupCell" (
    "rollupId" INTEGER NOT NULL,
    "slice" TEXT NOT NULL,
    "span" SMALLINT NOT NULL,
    "key" TEXT NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,
    "item" TEXT NOT NULL,
    "step" INTEGER NOT NULL,
    "leads" INTEGER NOT NULL,
    "formLeads" INTEGER NOT NULL,
    "formPercents" DECIMAL NOT NULL,
    "cost" DECIMAL NOT NULL,
    "adSpend" DECIMAL NOT NULL,
    "events" INTEGER NOT NULL,
    "conversions" INTEGER NOT NULL,
    "revenue" DECIMAL NOT NULL,
    "payout" DECIMAL NOT NULL,
    "stays" INTEGER NOT NULL,
    "staySeconds" DECIMAL NOT NULL,

    CONSTRAINT "RollupCell_pkey" PRIMARY KEY ("rollupId","slice","span","key","at","item","step")
);

-- What Prisma has no words for.

-- One generation of an account's numbers is served; a second one may be in the making.
CREATE UNIQUE INDEX "Rollup_served_key" ON "Rollup"("accountId") WHERE "isServed";
CREATE INDEX "Rollup_accountId_idx" ON "Rollup"("accountId");

-- Counting changes no indexed column: with room on the page it touches no index.
ALTER TABLE "RollupTuple" SET (fillfactor = 80);
ALTER TABLE "RollupCell" SET (fillfactor = 70);

-- A value as the numbers are kept by: '' for none. Senders choose these texts, and an index takes no more than 2704 bytes.
CREATE FUNCTION rollup_key(value TEXT) RETURNS TEXT LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN char_length(value) > 100 THEN left(value, 67) || '~' || md5(value) ELSE coalesce(value, '') END
$$;

-- All zones of our time begin their days at a quarter of an hour.
CREATE FUNCTION rollup_quarter(at TIMESTAMPTZ) RETURNS TIMESTAMPTZ LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT to_timestamp(floor(extract(epoch FROM at) / 900)::float8 * 900)
$$;

-- Stays of similar length are counted together: steps of a quarter of a doubling, 0 being less than a second.
CREATE FUNCTION rollup_step(seconds NUMERIC) RETURNS INTEGER LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN seconds < 1 THEN 0 ELSE 1 + floor(ln(seconds::float8) / ln(2::float8) * 4)::int END
$$;
