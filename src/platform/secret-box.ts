import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';
import { existsSync, linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/** Encrypts what must be read again: the secrets that this server shows to others. */
export interface SecretBox {
  /** `purpose` says whose secret it is; it opens under the same purpose only, so that nobody can move a sealed text elsewhere. */
  readonly seal: (secret: string, purpose: string) => string;
  /** Throws when the text was sealed with another key. */
  readonly open: (sealed: string, purpose: string) => string;
}

const algorithm = 'aes-256-gcm';
const nonceBytes = 12;
const tagBytes = 16;
const version = 'v1.';

/** `secretsKey` is what the operator set; null: a key that is made once and kept under `dataDir`, read when it is first needed. */
export function createSecretBox(secretsKey: string | null, dataDir: string): SecretBox {
  let known: Buffer | null = null;
  const key = (): Buffer => (known ??= toKey(secretsKey ?? readOrMakeKey(dataDir)));
  return {
    seal(secret, purpose) {
      const nonce = randomBytes(nonceBytes);
      const cipher = createCipheriv(algorithm, key(), nonce).setAAD(Buffer.from(purpose));
      const bytes = Buffer.concat([nonce, cipher.update(secret, 'utf8'), cipher.final(), cipher.getAuthTag()]);
      return version + bytes.toString('base64');
    },
    open(sealed, purpose) {
      const bytes = Buffer.from(sealed.slice(version.length), 'base64');
      const decipher = createDecipheriv(algorithm, key(), bytes.subarray(0, nonceBytes)).setAAD(Buffer.from(purpose));
      decipher.setAuthTag(bytes.subarray(-tagBytes));
      return Buffer.concat([decipher.update(bytes.subarray(nonceBytes, -tagBytes)), decipher.final()]).toString('utf8');
    },
  };
}

/** Whatever its form, 32 bytes of it. The settings refuse a short one. */
const toKey = (text: string): Buffer => createHash('sha256').update(`leadgraph secrets ${text}`).digest();

function readOrMakeKey(dataDir: string): string {
  const file = path.join(dataDir, 'secrets.key');
  if (!existsSync(file)) makeKey(dataDir, file);
  return readFileSync(file, 'utf8').trim();
}

/** Written under another name first, so that of two processes that start together the second reads the whole of what the first wrote. */
function makeKey(dataDir: string, file: string): void {
  mkdirSync(dataDir, { recursive: true });
  const draft = `${file}.${process.pid}`;
  writeFileSync(draft, `${randomBytes(32).toString('base64')}\n`, { mode: 0o600 });
  try {
    linkSync(draft, file);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
  } finally {
    rmSync(draft);
  }
}
