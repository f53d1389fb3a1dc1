import { readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { EmbeddedPostgresError } from './start-error.ts';

/** An account that the server process runs as. */
export interface ServerUser {
  readonly uid: number;
  readonly gid: number;
}

/**
 * Whom the server runs as; null is ourselves. PostgreSQL refuses root, so root lends it another account: the owner of data that is
 * already there, or else one chosen from the password file. `initdb` looks its own name up, so a made-up number would not do.
 */
export function serverUserFor(clusterDir: string, passwordFile = '/etc/passwd'): ServerUser | null {
  if (process.getuid?.() !== 0) return null;
  const version = statSync(path.join(clusterDir, 'PG_VERSION'), { throwIfNoEntry: false });
  if (version && version.uid !== 0) return { uid: version.uid, gid: version.gid };
  return chooseServerUser(readFileSync(passwordFile, 'utf8'));
}

/** `postgres`, else `nobody`, else the first system account: a person's own account would let that person read every lead. */
export function chooseServerUser(passwords: string): ServerUser {
  const accounts = passwords.split('\n').flatMap((line) => {
    const [name, , uid, gid] = line.split(':');
    const account = { name, uid: Number(uid), gid: Number(gid) };
    return name && account.uid > 0 && Number.isInteger(account.gid) ? [account] : [];
  });
  const named = (name: string) => accounts.find((account) => account.name === name);
  const account = named('postgres') ?? named('nobody') ?? accounts.find(({ uid }) => uid < 1000) ?? accounts[0];
  if (!account) {
    throw new EmbeddedPostgresError(
      'PostgreSQL refuses to run as root, and this machine has no other account to lend it: add one (useradd --system postgres), or set DATABASE_URL',
    );
  }
  return { uid: account.uid, gid: account.gid };
}
