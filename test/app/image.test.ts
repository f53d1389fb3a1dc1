import { cpSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createServerProcess, type ServerProcess } from '../live/server-process.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';

const root = path.join(import.meta.dirname, '../..');
/** The last stage: what is in the image. */
const stage =
  readFileSync(path.join(root, 'Dockerfile'), 'utf8')
    .split(/^FROM /m)
    .at(-1) ?? '';
const base = 'node:24-alpine';
/** What the base takes on disk, rounded up, and what the whole may take. */
const megabytes = { base: 175, most: 250 };

const folder = mkdtempSync(path.join(tmpdir(), 'leadgraph-image-'));
let database: TestDatabase;
let server: ServerProcess;

beforeAll(async () => {
  for (const [, line = ''] of stage.matchAll(/^COPY (.+)$/gm)) {
    const words = line.split(' ').filter((word) => !word.startsWith('--'));
    const to = words.at(-1) ?? '';
    for (const from of words.slice(0, -1)) {
      const target = to.endsWith('/') ? path.join(to, path.basename(from)) : to;
      cpSync(path.join(root, from.replace('/app/', '')), path.join(folder, target), { recursive: true });
    }
  }
  database = await createTestDatabase();
  const [, ...args] = JSON.parse(/^CMD (.+)$/m.exec(stage)?.[1] ?? '[]') as string[];
  server = await createServerProcess(database.url, 'the-key', { HOST: '127.0.0.1' }, { args, cwd: folder });
  await server.start();
});
afterAll(async () => {
  await server.stop();
  await database.drop();
  rmSync(folder, { recursive: true, force: true });
});

it('serves everything from the files that are copied into the image, without a package', async () => {
  const statusOf = async (page: string): Promise<number> => (await fetch(`${server.url}${page}`)).status;
  const pages = ['/readyz', '/', '/openapi.json'];
  expect(await Promise.all(pages.map(statusOf))).toEqual(pages.map(() => 200));
  const answer = await fetch(`${server.url}/api/postback`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-api-key': 'the-key' },
    body: JSON.stringify({ email: 'john@example.com', stage: 'Form Started' }),
  });
  expect(answer.status).toBe(201);
});

it('is less than 250 MB with what it is built on', () => {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const bytes = files.reduce((sum, file) => sum + statSync(path.join(file.parentPath, file.name)).size, 0);
  expect(stage.startsWith(base)).toBe(true);
  expect(bytes / 1024 ** 2).toBeLessThan(megabytes.most - megabytes.base);
});
