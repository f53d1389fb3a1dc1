import type { Config } from '../config.ts';
import { UnauthenticatedError } from '../errors.ts';
import type { Database } from '../platform/database.ts';
import type { Log } from '../platform/log.ts';
import { hasControlCharacter } from '../platform/text.ts';
import type { SourceRegister } from '../sources/source-register.ts';
import { claimsToBeSourceKey } from '../sources/source.ts';
import { uuidOf } from '../platform/ids.ts';
import { claimsToBeApiKey, hashOf, isSameHash, isWellFormed } from './api-key.ts';
import { createApiKeyLookup } from './api-key-lookup.ts';
import { createBriefMemory } from './brief-memory.ts';
import type { CrmCredential, Credential, SourceCredential } from './credential.ts';
import { CrmNotConfiguredError } from './errors.ts';
import { createFailedAttempts } from './failed-attempts.ts';
import { anonymous, apiKeyIdOf, apiKeyViewer, crmViewer, rootViewer, sourceViewer, type Viewer } from './viewer.ts';

export interface Authenticator {
  /**
   * Who presents this credential; null: none was sent. Answers at once when it can (root key, keys seen within the last second).
   * `address` is the caller's: wrong source keys are counted by it.
   * Never throws: rejects with UnauthenticatedError, always the same, with RateLimitedError when wrong source keys come too fast, or with
   * UnavailableError when the database is needed and away.
   */
  readonly authenticate: (credential: Credential, address?: string | null) => Viewer | Promise<Viewer>;
  /**
   * Whether the viewer's credential still counts, at most a second late: ask while delivering to a long-lived stream.
   * Rejects with UnavailableError when the database is away, which says nothing about the credential.
   */
  readonly isStillValid: (viewer: Viewer) => Promise<boolean>;
  readonly close: () => Promise<void>;
}

export interface AuthenticatorOptions {
  readonly config: Pick<Config, 'apiKey' | 'open' | 'failedCredentialsPerMinute' | 'crmSecret'>;
  readonly database: Pick<Database, 'writePool'>;
  readonly sources: SourceRegister;
  readonly log: Log;
}

/** A revocation counts everywhere within this time. */
const rememberMs = 1000;
const maxRemembered = 10_000;

export async function createAuthenticator({ config, database, sources, log }: AuthenticatorOptions): Promise<Authenticator> {
  const accountId = await findDefaultAccount(database);
  const root = rootViewer(accountId);
  const crm = crmViewer(accountId);
  const rootHash = hashOf(config.apiKey);
  const crmHash = config.crmSecret === null ? null : hashOf(config.crmSecret);
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

  const failed = createFailedAttempts(config.failedCredentialsPerMinute);

  function authenticate(credential: Credential, address: string | null = null): Viewer | Promise<Viewer> {
    if (typeof credential === 'object' && credential !== null) {
      return credential.kind === 'source' ? authenticateSource(credential, address) : authenticateCrm(credential);
    }
    return authenticateKey(credential, address);
  }

  function authenticateKey(credential: string | null, address: string | null): Viewer | Promise<Viewer> {
    if (credential === null) return config.open ? root : anonymous;
    if (hasControlCharacter(credential)) return refuse();
    const hash = hashOf(credential);
    if (isSameHash(hash, rootHash)) return root;
    if (claimsToBeSourceKey(credential)) return authenticateSource({ kind: 'source', sourceId: null, key: credential }, address);
    // A mistyped key of ours must not become the root of an open server: its owner meant to be less.
    if (config.open && !claimsToBeApiKey(credential)) return root;
    if (!isWellFormed(credential)) return refuse();
    const viewer = viewers.get(hash);
    return viewer instanceof Promise ? viewer.then((found) => found ?? refuse()) : (viewer ?? refuse());
  }

  function authenticateSource(credential: SourceCredential, address: string | null): Viewer | Promise<Viewer> {
    if (credential.key === null) return Promise.reject(new UnauthenticatedError());
    const refuseSource = () => {
      const sourceId = credential.sourceId === null ? null : uuidOf('Source', credential.sourceId);
      return Promise.reject(failed.refuse({ address, sourceId }));
    };
    const source = sources.byCredential(credential);
    if (source instanceof Promise) return source.then((found) => (found ? sourceViewer(found) : refuseSource()));
    return source ? sourceViewer(source) : refuseSource();
  }

  function authenticateCrm({ presented }: CrmCredential): Viewer | Promise<Viewer> {
    if (crmHash === null) return Promise.reject(new CrmNotConfiguredError());
    // All are compared, so that the time tells nothing. A wrong one is always answered 401, as documented.
    const matches = presented.map((secret) => isSameHash(hashOf(secret), crmHash));
    return matches.includes(true) ? crm : Promise.reject(new UnauthenticatedError());
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
