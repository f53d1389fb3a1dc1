-- Which leads are gone: asked for each delivery that is settled or made, so it has a small index of its own.
CREATE INDEX "Change_tombstone_idx" ON "Change"("leadId") WHERE "type" IN ('lead.deleted', 'lead.erased');
