-- A secret that is exchanged twice within an overlap has more than one former one.
ALTER TABLE "Webhook" ADD COLUMN "olderSecrets" JSONB NOT NULL DEFAULT '[]';
