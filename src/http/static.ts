import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

/** The built dashboard in memory: it is small, and served without touching the disk. */
export interface StaticSite {
  readonly index: StaticFile;
  /** By path, like `/assets/index-4f2a.js`. */
  readonly files: ReadonlyMap<string, StaticFile>;
}

export interface StaticFile {
  readonly contentType: string;
  /** The name carries a hash of the content, so that it never changes. */
  readonly immutable: boolean;
  readonly bodies: Readonly<Record<Encoding, Buffer>>;
}

type Encoding = 'identity' | 'gzip' | 'br';

const contentTypes: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml; charset=utf-8',
};

/** Nothing but our own files, no inline scripts or styles, no frames. `'self'` covers the WebSocket on the same host. */
const pagePolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** Reads what Vite built. Null: the folder is not there, as in a checkout that was not built. */
export function readStaticSite(folder: string): StaticSite | null {
  const names = listFiles(folder);
  if (!names.includes('index.html')) return null;
  const files = new Map(names.map((name) => [`/${name.replaceAll(path.sep, '/')}`, readStaticFile(folder, name)]));
  return { index: readStaticFile(folder, 'index.html'), files };
}

function listFiles(folder: string): readonly string[] {
  try {
    return readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)));
  } catch {
    return [];
  }
}

function readStaticFile(folder: string, name: string): StaticFile {
  const identity = readFileSync(path.join(folder, name));
  return {
    contentType: contentTypes[path.extname(name)] ?? 'application/octet-stream',
    immutable: name.startsWith('assets'),
    bodies: {
      identity,
      gzip: gzipSync(identity, { level: 9 }),
      br: brotliCompressSync(identity, { params: { [constants.BROTLI_PARAM_QUALITY]: 9 } }),
    },
  };
}

/** Serves the site: its page at `/` and for every address under `/app`, which the page itself reads; its files where they are. */
export function mountStatic(app: FastifyInstance, site: StaticSite): void {
  const sendIndex = (request: FastifyRequest, reply: FastifyReply) => sendFile(request, reply, site.index);
  for (const url of ['/', '/app', '/app/*']) app.get(url, sendIndex);
  for (const [url, file] of site.files) {
    if (url !== '/index.html') app.get(url, (request, reply) => sendFile(request, reply, file));
  }
}

function sendFile(request: FastifyRequest, reply: FastifyReply, file: StaticFile): FastifyReply {
  const encoding = pickEncoding(request.headers['accept-encoding'] ?? '');
  if (encoding !== 'identity') void reply.header('content-encoding', encoding);
  return reply
    .headers({
      'content-type': file.contentType,
      'content-security-policy': pagePolicy,
      'cross-origin-opener-policy': 'same-origin',
      'cache-control': file.immutable ? 'public, max-age=31536000, immutable' : 'no-cache',
      vary: 'accept-encoding',
    })
    .send(file.bodies[encoding]);
}

/** The best of what the caller takes. `q=0` means that it does not. */
function pickEncoding(accepted: string): Encoding {
  const takes = (name: string) => new RegExp(String.raw`(^|,)\s*${name}\s*(;\s*q=(?!0(\.0*)?\s*(,|$))[\d.]+\s*)?(,|$)`, 'i').test(accepted);
  return takes('br') ? 'br' : takes('gzip') ? 'gzip' : 'identity';
}
