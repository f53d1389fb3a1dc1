import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { conclude, printFindings, progress, verdictsOf } from '../crash/report.ts';
import { copyFolder } from './copied-folder.ts';
import { dumpUnderLoad } from './dump-under-load.ts';
import { findSystemPostgres, startSystemPostgres } from './system-postgres.ts';
import { buildServer } from '../support/build-server.ts';

/**
 * `npm run test:backup`: the two ways to back up that README names. `pg_dump` needs PostgreSQL's own programs, which npm's PostgreSQL comes without:
 * it runs against the system's (Debian: apt-get install postgresql; else PG_BIN names the folder of the programs).
 */
buildServer();
const folder = mkdtempSync(path.join(os.tmpdir(), 'leadgraph-backup-'));
const bin = findSystemPostgres();
try {
  const postgres = await startSystemPostgres(bin, folder);
  try {
    progress(postgres.version);
    const { findings, figures } = await dumpUnderLoad(postgres, folder);
    printFindings('restored from pg_dump', findings);
    const copied = await copyFolder(folder);
    printFindings('started on a copy of DATA_DIR', copied);
    conclude('backup', figures, verdictsOf([...findings, ...copied]));
  } finally {
    await postgres.stop();
  }
} finally {
  rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
}
