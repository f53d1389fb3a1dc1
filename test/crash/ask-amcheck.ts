import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { findSystemProgram } from '../backup/system-postgres.ts';
import { type Finding, uncontradicted } from './finding.ts';

const run = promisify(execFile);

/** PostgreSQL's own check of a whole database, by a program that npm's PostgreSQL has not; nothing where the system has none either. */
export async function askAmcheck(superuserUrl: string): Promise<Finding[]> {
  const program = findSystemProgram('pg_amcheck');
  if (program === null) return [];
  const { hostname, port, username, password, pathname } = new URL(superuserUrl);
  const env = { PGHOST: hostname, PGPORT: port, PGUSER: decodeURIComponent(username), PGPASSWORD: decodeURIComponent(password) };
  const complaints = await run(program, ['--install-missing', '--heapallindexed', pathname.slice(1)], { env }).then(
    ({ stdout }) => stdout,
    (error: unknown) => String(error),
  );
  return [uncontradicted('pg_amcheck', 1, complaints.trim() === '' ? [] : [complaints])];
}
