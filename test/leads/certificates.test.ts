import { createServer, type Server } from 'node:net';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { recheckCertificates } from '../../src/leads/recheck-certificates.ts';
import { OutboundError, type OutboundHttp } from '../../src/platform/outbound-http.ts';
import { createHostVerifier } from '../../src/trusted-form/ask-certificate-host.ts';
import { findLead, flatLead, makeSource, post, rejected, rootKey, type SourceAccess } from '../sources/intake.ts';
import { startApp, type TestApp } from '../support/app.ts';

/** What the certificate host answers, by path. */
const answers: Record<string, number | 'silent' | 'away'> = {
  '/good': 200,
  '/unknown': 404,
  '/moved': 302,
  '/busy': 503,
  '/away': 'away',
  '/silent': 'silent',
};
const asked: string[] = [];

const outbound: OutboundHttp = {
  resolve: () => Promise.resolve([]),
  async call({ url, headers = {}, signal }) {
    asked.push(`${url.href} ${Object.keys(headers).join(' ')}`);
    const answer = answers[url.pathname] ?? 500;
    if (answer === 'away') throw new OutboundError('connection_failed');
    if (answer === 'silent')
      await new Promise((_, reject) => signal?.addEventListener('abort', () => reject(new OutboundError('timeout'))));
    return { status: Number(answer), headers: {}, body: Buffer.alloc(0), isTruncated: false, address: '192.0.2.1' };
  },
};

let app: TestApp;
let source: SourceAccess;
let canary: Server;
let canaryPort: number;
let canaryConnections = 0;

beforeAll(async () => {
  const certificates = createHostVerifier(outbound);
  app = await startApp(
    { API_KEY: rootKey, TRUSTEDFORM_CHECK: 'live', TRUSTEDFORM_DEADLINE_MS: '200', SOURCE_RATE_LIMIT_PER_MINUTE: '0' },
    undefined,
    {
      certificates,
    },
  );
  source = await makeSource(app);
  canary = createServer((socket) => {
    canaryConnections += 1;
    socket.destroy();
  });
  await new Promise<void>((resolve) => canary.listen(0, '127.0.0.1', resolve));
  canaryPort = (canary.address() as AddressInfo).port;
});
afterAll(async () => {
  await app.end();
  canary.close();
});

const submit = (trustedFormUrl: string) => post(app, source, flatLead({ trustedFormUrl }));

describe('row 26: a URL that only looks like a certificate', () => {
  it.each([
    'ftp://cert.trustedform.com/x',
    'file:///etc/passwd',
    'javascript:alert(1)',
    'cert.trustedform.com/x',
    '//cert.trustedform.com/x',
    'https:cert.trustedform.com/x',
    'https:/cert.trustedform.com/x',
    'https:///cert.trustedform.com/x',
    'https://trustedform.com.evil.test/x',
    'https://cert.trustedform.com@evil.test/x',
    'https://cert.trustedform.com@127.0.0.1:PORT/x',
    'https://cert.trustedform.com:x@127.0.0.1:PORT/x',
    'https://user:password@cert.trustedform.com/x',
    'https://@cert.trustedform.com/x',
    'https://xtrustedform.com/x',
    'https://trustedform.co/x',
    'https://trustedform.com-evil.test/x',
    'https://evil.test/cert.trustedform.com',
    'https://evil.test?cert.trustedform.com',
    'https://evil.test#cert.trustedform.com',
    'https://127.0.0.1:PORT/?h=cert.trustedform.com',
    'https://localhost:PORT/cert.trustedform.com',
    'https://[::1]:PORT/',
    'https://cert.trustedform.com:PORT/x',
    'https://cert.trustedform.com:8443/x',
    'https://cert.trustedform.com./x',
    'https://.trustedform.com/x',
    'https://cert..trustedform.com/x',
    'https://cert.trustedform.com%2eevil.test/x',
    'https://cert.trustedform.com%00.evil.test/x',
    'https://%63ert.trustedform.com/x',
    'https://cert.trustedform.com\\@evil.test/x',
    'https:\\\\cert.trustedform.com\\x',
    'https://ｃert.trustedform.com/x',
    'https://cert。trustedform.com/x',
    'https://trustedfоrm.com/x',
    'https://xn--trustedfrm-kye.com/x',
    'https://cert.trusted\tform.com/x',
    'https://cert.trustedform.com /x',
    'https://cert.trustedform.com\r\nHost: evil.test/x',
    'http://2130706433:PORT/trustedform.com',
  ])('is refused, and nobody is called: %j', async (url) => {
    const before = asked.length;
    const { status, body } = await submit(url.replace('PORT', String(canaryPort)));
    expect([status, Object.keys(body.errors)]).toEqual([400, ['trustedFormUrl']]);
    expect([asked.length, canaryConnections]).toEqual([before, 0]);
  });
});

describe('row 26: a certificate, asked for at its host', () => {
  it('is called by the URL that was checked, without anything of the lead', async () => {
    const { status, body } = await submit('HTTPS://Cert.TrustedForm.com:443/good?page=1#part');
    expect([status, body.metadata.trustedFormStatus]).toEqual([201, 'VERIFIED']);
    expect(asked.at(-1)).toBe('https://cert.trustedform.com/good?page=1 accept user-agent');
  });

  it('is refused when its host does not know it, with a receipt', async () => {
    expect(await submit('https://cert.trustedform.com/unknown')).toMatchObject({ status: 400, body: { code: 'TRUSTED_FORM_REFUSED' } });
    expect(await rejected(app, source.id)).toEqual(
      expect.arrayContaining([expect.objectContaining({ reasons: [expect.stringContaining('TRUSTED_FORM_REFUSED')] })]),
    );
  });

  it.each(['away', 'silent', 'busy', 'moved'])('is accepted as pending when its host is %s, within the deadline', async (how) => {
    const began = performance.now();
    const { status, body } = await submit(`https://cert.trustedform.com/${how}`);
    expect([status, body.metadata.trustedFormStatus]).toEqual([201, 'PENDING']);
    expect(performance.now() - began).toBeLessThan(1500);
  });

  it('is not asked for when the lead is refused anyway', async () => {
    const before = asked.length;
    expect((await post(app, source, flatLead({ email: 'no', trustedFormUrl: 'https://cert.trustedform.com/good' }))).status).toBe(400);
    expect(asked.length).toBe(before);
  });

  it('is asked for again later, once however many processes look, and the lead says how it ended', async () => {
    answers['/later'] = 'away';
    answers['/never'] = 'away';
    const [later, never] = await Promise.all(['later', 'never'].map((name) => submit(`https://cert.trustedform.com/${name}`)));
    const due = () =>
      app.services.database.writePool.query(`UPDATE "CertificateCheck" SET "nextAttemptAt" = now() WHERE url ~ 'later|never'`);
    const processes = [recheckCertificates(app.services), recheckCertificates(app.services)];
    const runAll = async () => {
      await due();
      const before = asked.length;
      await Promise.all(processes.map(({ runNow }) => runNow()));
      return asked.slice(before).filter((call) => /later|never/.test(call)).length;
    };
    expect(await runAll()).toBe(2);
    expect((await findLead(app, later?.body.id)).trustedFormStatus).toBe('PENDING');

    answers['/later'] = 200;
    answers['/never'] = 410;
    expect(await runAll()).toBe(2);
    expect(await runAll()).toBe(0);
    expect(await findLead(app, later?.body.id)).toMatchObject({
      trustedFormStatus: 'VERIFIED',
      timeline: { nodes: [{ type: 'lead.updated', origin: 'system' }, { type: 'lead.created' }] },
    });
    expect((await findLead(app, never?.body.id)).trustedFormStatus).toBe('REFUSED');
    await Promise.all(processes.map(({ stop }) => stop()));
  });
});
