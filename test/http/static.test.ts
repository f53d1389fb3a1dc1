import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import Fastify, { type FastifyInstance } from 'fastify';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { mountStatic, readStaticSite } from '../../src/http/static.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'leadgraph-site-'));
const script = 'console.log("leads");'.repeat(50);
let app: FastifyInstance;

beforeAll(() => {
  mkdirSync(path.join(folder, 'assets'));
  writeFileSync(path.join(folder, 'index.html'), '<!doctype html><title>Leadgraph</title>');
  writeFileSync(path.join(folder, 'assets', 'index-abc123.js'), script);
  const site = readStaticSite(folder);
  if (!site) throw new Error('no site');
  app = Fastify();
  mountStatic(app, site);
});

afterAll(async () => {
  await app.close();
  rmSync(folder, { recursive: true });
});

describe('the static site', () => {
  it('is absent when it was not built', () => {
    expect(readStaticSite(path.join(folder, 'nothing'))).toBeNull();
  });

  it('gives its page at / and for its own addresses only', async () => {
    for (const url of ['/', '/app', '/app/leads/42']) expect((await app.inject(url)).body).toContain('<title>Leadgraph</title>');
    expect((await app.inject('/leads')).statusCode).toBe(404);
    expect((await app.inject('/assets/../../package.json')).statusCode).toBe(404);
  });

  it('forbids inline scripts and foreign origins, and lets nobody frame it', async () => {
    const { headers } = await app.inject('/');
    expect(headers['content-security-policy']).toMatch(/default-src 'none'.*script-src 'self'.*frame-ancestors 'none'/);
    expect(headers['content-security-policy']).not.toContain('unsafe');
    expect(headers['cache-control']).toBe('no-cache');
  });

  it('lets hashed files be kept for ever, compressed as the caller takes it', async () => {
    const plain = await app.inject('/assets/index-abc123.js');
    expect(plain.body).toBe(script);
    expect(plain.headers).toMatchObject({ 'content-type': 'text/javascript; charset=utf-8', vary: 'accept-encoding' });
    expect(plain.headers['cache-control']).toContain('immutable');
    const encodingFor = async (accepted: string) =>
      (await app.inject({ url: '/assets/index-abc123.js', headers: { 'accept-encoding': accepted } })).headers['content-encoding'];
    expect(await encodingFor('gzip, deflate, br')).toBe('br');
    expect(await encodingFor('gzip;q=0.5, br;q=0')).toBe('gzip');
    expect(await encodingFor('identity')).toBeUndefined();
  });
});
