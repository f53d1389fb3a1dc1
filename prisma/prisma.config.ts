import path from 'node:path';
import { defineConfig } from 'prisma/config';

const here = import.meta.dirname;

// The Prisma CLI downloads its schema engine while it runs, which a closed network refuses. The engine's WebAssembly build comes from npm.
process.env['PRISMA_SCHEMA_ENGINE_BINARY'] ??= path.join(here, 'schema-engine');

export default defineConfig({
  schema: path.join(here, 'schema.prisma'),
  migrations: { path: path.join(here, 'migrations') },
  // The host "embedded" is ours: the schema engine starts, or joins, the embedded server under DATA_DIR.
  datasource: { url: process.env['DATABASE_URL'] ?? 'postgresql://embedded/leadgraph' },
});
