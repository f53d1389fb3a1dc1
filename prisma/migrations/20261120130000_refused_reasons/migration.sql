-- The leads that were refused for one reason, however rare it is. Only refused ones pay for the index.
CREATE INDEX "Submission_reasons_idx" ON "Submission" USING GIN ("reasons") WHERE "outcome" = 'REJECTED';
