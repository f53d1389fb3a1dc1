import type { Config } from '../config.ts';
import { UnauthenticatedError } from '../errors.ts';
import type { Database } from '../platform/database.ts';
import type { Log } from '../platform/log.ts';
import { hasControlCharacter } from '../platform/text.ts';
import { claimsToBeApiKey, hashOf, isSameHash, isWellFormed } from './api-key.ts';
import { createApiKeyLookup } from './api-key-lookup.ts';
import { createBriefMemory } from './brief-memory.ts';
import { anonymous, apiKeyIdOf, apiKeyViewer, rootViewer, type Viewer } from './viewer.ts';

export interface Authenticator {
  /**
   * Who presents this credential; null: none was sent. Answers at once when it can (root key, keys seen within the last second).
   * Never throws: rejects with UnauthenticatedError, always the same, or with UnavailableError when the database is needed and away.
   */
  readonly authenticate: (credential: string | null) => Viewer | Promise<Viewer>;
  /**
   * Whether the viewer's credential still counts, at most a second late: ask while delivering to a long-lived stream.
   * Rejects with UnavailableError when the database is away, which says nothing about the credential.
   */
  readonly isStillValid: (viewer: Viewer) => Promise<boolean>;
  readonly close: () => Promise<void>;
}

export interface AuthenticatorOptions {
  readonly config: Pick<Config, 'apiKey' | 'open'>;
  readonly database: Pick<Database, 'writePool'>;
  readonly log: Log;
}

/** A revocation counts everywhere within this time. */
const rememberMs = 1000;
const maxRemembered = 10_000;

export async function createAuthenticator({ config, database, log }: AuthenticatorOptions): Promise<Authenticator> {
  const root = rootViewer(await findDefaultAccount(database));
  const rootHash = hashOf(config.apiKey);
  const lookup = createApiKeyLookup(database.writePool, log);

  // Keyed by hash, so that no token stays in memory. Unknown keys are remembered too.
  const viewers = createBriefMemory<Viewer | null>({
    keepMs: rememberMs,
    maxEntries: maxRemembered,
    load: async (hash) => {
      const key = await lookup.byHash(hash);
      return key && apiKeyViewer(key);
    },
  });
  const keys = createBriefMemory({ keepMs: rememberMs, maxEntries: maxRemembered, load: lookup.byId });

  function authenticate(credential: string | null): Viewer | Promise<Viewer> {
    if (credential === null) return config.open ? root : anonymous;
    if (hasControlCharacter(credential)) return refuse();
    const hash = hashOf(credential);
    if (isSameHash(hash, rootHash)) return root;
    // A mistyped key of ours must not become the root of an open server: its owner meant to be less.
    if (config.open && !claimsToBeApiKey(credential)) return root;
    if (!isWellFormed(credential)) return refuse();
    const viewer = viewers.get(hash);
    return viewer instanceof Promise ? viewer.then((found) => found ?? refuse()) : (viewer ?? refuse());
  }

  return {
    authenticate,
    async isStillValid(viewer) {
      const id = apiKeyIdOf(viewer);
      if (id === null) return true;
      const key = await keys.get(id);
      return key !== null && viewer.scopes.includes(key.scope);
    },
    close: () => lookup.drained(),
  };
}

const refuse = (): Promise<never> => Promise.reject(new UnauthenticatedError());

async function findDefaultAccount({ writePool }: Pick<Database, 'writePool'>): Promise<string> {
  const { rows } = await writePool.query<{ readonly id: string }>(`SELECT "id" FROM "Account" WHERE "name" = 'default'`);
  const [account] = rows;
  if (!account) throw new Error('The database has no account named "default": apply the migrations.');
  return account.id;
}
