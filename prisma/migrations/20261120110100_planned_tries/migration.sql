-- The plan's own time of a delivery that was put to be tried sooner, or whose receiver named a time.
ALTER TABLE "Delivery" ADD COLUMN "plannedAt" TIMESTAMPTZ(3);
