import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { flatExample, structuredExample } from '../../rest-compat/leadping/examples.ts';
import { malformedJson } from '../http/malformed-json.ts';
import { asRoot, findLead, flatLead, makeSource, post, rejected, rootKey, type SourceAccess } from '../sources/intake.ts';
import { startApp, type TestApp } from '../support/app.ts';

let app: TestApp;
let source: SourceAccess;
beforeAll(async () => {
  app = await startApp({ API_KEY: rootKey, SOURCE_RATE_LIMIT_PER_MINUTE: '0', FAILED_CREDENTIALS_PER_MINUTE: '0' });
  source = await makeSource(app, { defaultTags: ['partner'], costPerLead: '2.50' });
});
afterAll(() => app.end());

const update = (sourceId: string, settings: Record<string, unknown>) =>
  app.graphql(
    `mutation ($input: UpdateSourceInput!) { updateSource(input: $input) { ... on UpdateSourceSuccess { source { id } } ... on Error { code } } }`,
    { input: { sourceId, ...settings } },
    asRoot,
  );

describe('the documented examples', () => {
  it('are accepted unchanged: the structured one', async () => {
    const { status, body } = await app.send('POST', '/leads', structuredExample, source.headers);
    expect(status).toBe(201);
    expect(body).toMatchObject({
      id: expect.stringMatching(/^lead_/),
      createdAt: expect.any(String),
      modifiedAt: null,
      enabled: true,
      metadata: { ...structuredExample.metadata, ipAddress: null, complianceStatus: null, smsOptedOut: false, isImported: false },
      contact: {
        firstName: 'Jordan',
        phone: { number: '+15555550123', type: null },
        streetAddress: { line1: '100 Main St', line2: 'Suite 200', city: 'Austin', state: 'TX', postalCode: '78701' },
      },
      customer: { birthDate: '1970-01-15', gender: null },
      currentLeadStatus: null,
      tags: ['partner'],
      isArchived: false,
    });
  });

  it('are accepted unchanged: the flat one, with the address and browser of the request', async () => {
    const { status, body } = await app.send('POST', '/leads/intake', flatExample, { ...source.headers, 'user-agent': 'Partner/1.0' });
    expect(status).toBe(201);
    expect(body.metadata).toMatchObject({ price: 18.5, subId: 'affiliate-22', ipAddress: '127.0.0.1', userAgent: 'Partner/1.0' });
    const lead = await findLead(app, body.id);
    expect(lead).toMatchObject({
      sourceName: 'Partner',
      source: { id: source.id },
      cost: '2.5',
      price: '18.5',
      tags: ['partner'],
      phone: '+15555550123',
      phoneE164: '+15555550123',
      phoneLookup: { country: 'US', provider: 'offline' },
      address: { line1: '100 Main St', state: 'TX', postalCode: '78701' },
      conversation: { status: 'NEEDS_REPLY', isUnread: true },
      duplicateOf: { id: expect.stringMatching(/^lead_/) },
      submissions: { nodes: [{ outcome: 'DUPLICATE', ipAddress: '127.0.0.1', body: flatExample }] },
      timeline: { nodes: [{ type: 'lead.created', origin: 'leadping', summary: 'Lead created at Form Started from Partner' }] },
    });
  });
});

const submit = (headers: Readonly<Record<string, string>>, body: object = structuredExample) => app.send('POST', '/leads', body, headers);

/** The status and code that a raw body is answered with. */
async function sendRaw(body: string, headers: Record<string, string> = {}): Promise<string> {
  const { status, body: answer } = await app.send('POST', '/leads/intake', body, { ...source.headers, ...headers });
  return `${status} ${answer.code}`;
}

describe('each row of the source validation table', () => {
  it('missing source ID or API key: unauthorized', async () => {
    for (const headers of [
      {},
      { 'x-leadping-source-id': source.id },
      { 'x-leadping-source-key': source.key },
      { 'x-leadping-source-id': source.id, 'x-leadping-source-key': '' },
      { 'x-api-key': rootKey },
    ]) {
      const { status, body, headers: answered } = await submit(headers);
      expect([status, body.code]).toEqual([401, 'UNAUTHENTICATED']);
      expect(answered.get('www-authenticate')).toBe('Bearer');
    }
  });

  it('row 30: unknown source or wrong key: unauthorized, all alike', async () => {
    const other = await makeSource(app);
    const wrong = [
      { ...source.headers, 'x-leadping-source-key': other.key },
      { ...other.headers, 'x-leadping-source-id': 'src_01a1f9fb-1be9-7000-aad5-2be72f37e187' },
      { ...source.headers, 'x-leadping-source-id': 'source_123' },
      { ...source.headers, 'x-leadping-source-key': 'lp_source_key' },
      { ...source.headers, 'x-leadping-source-key': source.key.slice(0, -1) },
      { ...source.headers, 'x-leadping-source-key': `${source.key}x` },
      { authorization: `Bearer ${rootKey}` },
    ];
    const answers = await Promise.all(wrong.map((headers) => submit(headers)));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([401]));
    expect(new Set(answers.map(({ body }) => JSON.stringify({ ...body, request_id: '' }))).size).toBe(1);
  });

  it('row 31: disabled source: forbidden, with a receipt', async () => {
    const disabled = await makeSource(app, { enabled: false });
    expect(await submit(disabled.headers)).toMatchObject({ status: 403, body: { title: 'The source is not allowed to accept traffic' } });
    expect(await rejected(app, disabled.id)).toMatchObject([{ reasons: ['SOURCE_DISABLED'], lead: null }]);
    await update(disabled.id, { enabled: true });
    expect((await submit(disabled.headers)).status).toBe(201);
  });

  it('row 31: source not attached to an account: forbidden', async () => {
    const loose = await makeSource(app, { attached: false });
    expect((await submit(loose.headers)).status).toBe(403);
    await update(loose.id, { attached: true });
    expect((await submit(loose.headers)).status).toBe(201);
  });

  it('row 31: source not compliance-approved: validation fails', async () => {
    const fresh = await makeSource(app, { complianceApproved: false });
    expect(await submit(fresh.headers)).toMatchObject({ status: 400, body: { code: 'SOURCE_NOT_APPROVED' } });
    await update(fresh.id, { complianceApproved: true });
    expect((await submit(fresh.headers)).status).toBe(201);
  });

  it('row 24: state not allowed for source: validation fails', async () => {
    const local = await makeSource(app, { allowedStates: ['texas', 'CA'] });
    expect((await post(app, local, flatLead({ state: 'Texas' }))).body.contact.streetAddress.state).toBe('TX');
    expect((await post(app, local, flatLead({ state: ' ca ' }))).status).toBe(201);
    for (const state of ['NY', undefined]) {
      expect(await post(app, local, flatLead({ state }))).toMatchObject({
        status: 400,
        body: { code: 'STATE_NOT_ALLOWED', errors: { state: [expect.stringContaining('TX, CA')] } },
      });
    }
    expect(await post(app, source, flatLead({ state: 'ZZ' }))).toMatchObject({
      status: 400,
      body: { errors: { state: [expect.any(String)] } },
    });
  });

  it('product not allowed for source: validation fails', async () => {
    const solar = await makeSource(app, { allowedProducts: ['Solar Panels'] });
    expect((await post(app, solar, flatLead({ product: ' solar  panels' }))).status).toBe(201);
    for (const product of ['Roofing', undefined]) {
      expect(await post(app, solar, flatLead({ product }))).toMatchObject({ status: 400, body: { code: 'PRODUCT_NOT_ALLOWED' } });
    }
  });

  it('TrustedForm required but missing: validation fails, unless it is waived', async () => {
    const { trustedFormUrl: _, ...metadata } = structuredExample.metadata;
    const { status, body } = await submit(source.headers, { ...structuredExample, metadata });
    expect([status, body.code, Object.keys(body.errors)]).toEqual([400, 'TRUSTED_FORM_REQUIRED', ['metadata.trustedFormUrl']]);
    const waived = await makeSource(app, { requiresTrustedForm: false });
    expect((await submit(waived.headers, { ...structuredExample, metadata })).status).toBe(201);
    expect((await post(app, waived, flatLead({ trustedFormUrl: 'https://evil.test/' }))).status).toBe(400);
  });

  it('TrustedForm URL longer than any certificate has: validation fails', async () => {
    const url = 'https://cert.trustedform.com/example';
    expect((await post(app, source, flatLead({ trustedFormUrl: url.padEnd(2048, 'x') }))).status).toBe(201);
    for (const trustedFormUrl of [url.padEnd(2049, 'x'), `${url}${'x'.repeat(200_000)}`, `${url}?${'x'.repeat(2048)}`]) {
      const { status, body } = await post(app, source, flatLead({ trustedFormUrl }));
      expect([status, body.code, body.errors]).toEqual([
        400,
        'TRUSTED_FORM_URL_INVALID',
        { trustedFormUrl: ['must have at most 2048 characters'] },
      ]);
    }
  });
});

describe('a refusal', () => {
  it('is problem details that name every field at once, in the order of the checks, and leaves a receipt', async () => {
    const strict = await makeSource(app, { complianceApproved: false, allowedStates: ['TX'], allowedProducts: ['Solar'] });
    const { status, headers, body } = await post(app, strict, {
      email: 'two@@example.com',
      phone: '911',
      birthDate: '2026-02-30',
      price: 'NaN',
      firstName: { nested: true },
      trustedFormUrl: 'ftp://cert.trustedform.com/x',
    });
    expect(status).toBe(400);
    expect(headers.get('content-type')).toBe('application/problem+json; charset=utf-8');
    expect(body).toMatchObject({
      type: 'https://leadping.ai/docs/errors/validation',
      title: 'Request validation failed',
      status: 400,
      detail: 'One or more request fields are invalid.',
      instance: '/leads/intake',
      request_id: expect.any(String),
    });
    expect(Object.keys(body.errors)).toEqual([
      '$',
      'firstName',
      'birthDate',
      'price',
      'email',
      'phone',
      'state',
      'product',
      'trustedFormUrl',
    ]);
    expect(await rejected(app, strict.id)).toMatchObject([
      { lead: null, reasons: expect.arrayContaining([expect.stringContaining('email')]) },
    ]);
  });

  it('row 23: of neither email nor phone says so', async () => {
    expect(await post(app, source, flatLead({ email: ' ' }))).toMatchObject({ status: 400, body: { code: 'CONTACT_REQUIRED' } });
  });

  it('of missing objects names them', async () => {
    const { status, body } = await app.send('POST', '/leads', { metadata: [] }, source.headers);
    expect([status, body.errors]).toEqual([
      400,
      {
        metadata: ['must be an object'],
        contact: ['is required'],
        customer: ['is required'],
      },
    ]);
  });

  it('keeps no secret that came in the metadata', async () => {
    const sender = await makeSource(app);
    const { body } = await post(app, sender, flatLead({ sourceMetadata: { accessToken: 'hunter2', placement: 'top' } }));
    expect(body.errors).toEqual({ 'sourceMetadata.accessToken': [expect.stringContaining('secret')] });
    expect(JSON.stringify(await rejected(app, sender.id))).not.toContain('hunter2');
  });

  it.each([
    ['email', 'x'.repeat(9000)],
    ['email', `${'x'.repeat(250)}@a.test`],
    ['email', 'jo\u0000@x.test'],
    ['phone', '512\n5550123'],
    ['phone', '+442071838750'],
    ['phone', '911'],
    ['birthDate', '2999-01-01'],
    ['birthDate', '9999999-01-01'],
    ['price', 1e300],
    ['price', -1],
    ['sourceMetadata', []],
    ['sourceMetadata', 'text'],
    ['firstName', 'x'.repeat(4097)],
    ['externalId', 'a\u0000b'],
  ])('rows 14, 17, 20, 21 and 22: names the field: %s = %j', async (field, value) => {
    const { status, body } = await post(app, source, flatLead({ [field]: value }));
    expect([status, body.code, Object.keys(body.errors)]).toEqual([400, 'VALIDATION_FAILED', [field]]);
  });

  it('is not JSON, no object, too deep, of another type, compressed', async () => {
    expect(
      new Set(
        await Promise.all(
          malformedJson.map(([, body]) => app.send('POST', '/leads', Buffer.from(body).toString('latin1'), source.headers)),
        ).then((answers) => answers.map(({ status }) => status)),
      ),
    ).toEqual(new Set([400]));
    for (const body of ['[]', '"x"', '1', 'null']) expect(await sendRaw(body)).toBe('400 VALIDATION_FAILED');
    expect(await sendRaw('')).toBe('400 INVALID_JSON');
    expect(await sendRaw(`{"sourceMetadata":{"a":${'['.repeat(100_000)}${']'.repeat(100_000)}}}`)).toBe('400 PAYLOAD_TOO_COMPLEX');
    expect(await sendRaw('{}', { 'content-type': 'text/plain' })).toBe('415 UNSUPPORTED_MEDIA_TYPE');
    expect(await sendRaw('{}', { 'content-encoding': 'gzip' })).toBe('415 UNSUPPORTED_ENCODING');
  });
});

const getOnce = (email: string, key: string) =>
  app.send('GET', `/leads/intake?Email=${email}&TrustedFormUrl=https://cert.trustedform.com/x`, undefined, {
    ...source.headers,
    'idempotency-key': key,
  });

describe('what is accepted', () => {
  it('row 22: takes the phone in many spellings and keeps what was sent', async () => {
    const spellings = { '512-555-0123 x4': '+15125550123', '５１２５５５０１２３': '+15125550123', '1 (512) 555.0123': '+15125550123' };
    for (const [phone, phoneE164] of Object.entries(spellings)) {
      const { status, body } = await post(app, source, flatLead({ phone }));
      expect([status, body.contact.phone]).toEqual([201, { number: phoneE164, raw: phone, type: null }]);
    }
  });

  it.each([
    ['12345678901.123456789012345678', '12345678901.123456789012345678'],
    ['0.0000001', '0.0000001'],
    ['1e-7', '0.0000001'],
    ['18.50', '18.5'],
    ['1.85050000000000000e1', '18.505'],
  ])('row 17: keeps every digit of the price %s', async (price, stored) => {
    const sent = `{"phone":"5125550123","trustedFormUrl":"https://cert.trustedform.com/x","price":${price}}`;
    const { status, body } = await app.send('POST', '/leads/intake', sent, source.headers);
    expect([status, (await findLead(app, body.id)).price]).toEqual([201, stored]);

    const metadata = `{"price": ${price}, "trustedFormUrl":"https://cert.trustedform.com/x"}`;
    const structured = `{"contact":{"phone":{"number":"5125550123"}},"customer":{},"metadata":{"price":1},"metadata":${metadata}}`;
    const answer = await app.send('POST', '/leads', structured, source.headers);
    expect([answer.status, (await findLead(app, answer.body.id)).price]).toEqual([201, stored]);
  });

  it('answers money as a number where that is exactly it, else as its digits', async () => {
    const metadata = `{"price":9999999999999.999999,"directPostPrice":18.50,"trustedFormUrl":"https://cert.trustedform.com/x"}`;
    const sent = `{"contact":{"phone":{"number":"5125550123"}},"customer":{},"metadata":${metadata}}`;
    const { status, body } = await app.send('POST', '/leads', sent, source.headers);
    expect([status, body.metadata.price, body.metadata.directPostPrice]).toEqual([201, '9999999999999.999999', 18.5]);
    expect((await post(app, source, flatLead({ price: '0.0000005' }))).body.metadata.price).toBe(0.0000005);
  });

  it('takes every alias of the flat form, as a form and in the address', async () => {
    const form = 'dateOfBirth=1980-05-06&sellerLeadIdentifier=s-1&postalCode=10001&phone=5125550123&sourceMetadata[a]=b&tagNames=x,y';
    const certificate = 'trustedFormUrl=https%3A%2F%2Fcert.trustedform.com%2Fx';
    const posted = await app.send('POST', '/leads/intake', `${form}&${certificate}`, {
      ...source.headers,
      'content-type': 'application/x-www-form-urlencoded',
    });
    expect([posted.status, posted.body.customer.birthDate, posted.body.metadata.sellerLeadId]).toEqual([201, '1980-05-06', 's-1']);
    expect(posted.body).toMatchObject({ tags: ['partner', 'x', 'y'], contact: { streetAddress: { postalCode: '10001' } } });
    expect(posted.body.metadata.sourceMetadata).toEqual({ a: 'b' });

    const query =
      'DateOfBirth=1980-05-06&SellerLeadIdentifier=s-1&Zip=10001&Phone=5125550123&SourceMetadata=%7B%22a%22%3A%22b%22%7D&TagNames=x&TagNames=y';
    const got = await app.send('GET', `/leads/intake?${query}&TrustedFormUrl=https://cert.trustedform.com/x`, undefined, source.headers);
    expect({ ...got.body, id: '', createdAt: '' }).toEqual({ ...posted.body, id: '', createdAt: '' });
  });

  it('takes every value of a list that comes several times in a form, and the last of anything else', async () => {
    const certificate = 'trustedFormUrl=https%3A%2F%2Fcert.trustedform.com%2Fx';
    const form = 'phone=5125550199&phone=5125550123&tagNames=a&tagNames=b&tagIds=c&sourceMetadata[x]=1&sourceMetadata[x]=2';
    const { status, body } = await app.send('POST', '/leads/intake', `${form}&${certificate}`, {
      ...source.headers,
      'content-type': 'application/x-www-form-urlencoded',
    });
    expect([status, body.tags, body.contact.phone.number]).toEqual([201, ['partner', 'c', 'a', 'b'], '+15125550123']);
    expect(body.metadata.sourceMetadata).toEqual({ x: '2' });
  });

  it('takes the second name of a thing where the first is blank', async () => {
    const lead = flatLead({
      zip: ' ',
      postalCode: '78701',
      birthDate: '\t',
      dateOfBirth: '1970-01-15',
      sellerLeadId: '',
      sellerLeadIdentifier: 's-2',
    });
    const { status, body } = await post(app, source, lead);
    expect(status).toBe(201);
    expect(body).toMatchObject({
      contact: { streetAddress: { postalCode: '78701' } },
      customer: { birthDate: '1970-01-15' },
      metadata: { sellerLeadId: 's-2' },
    });
  });

  it('is never taken from an address that carries its key, nor made by HEAD', async () => {
    const key = `SourceId=${source.id}&SourceKey=${source.key}&ApiKey=${source.key}`;
    expect((await app.send('GET', `/leads/intake?Phone=5125550123&${key}`)).status).toBe(401);
    const head = await fetch(`${app.url}/leads/intake?Phone=5125550123`, { method: 'HEAD', headers: source.headers });
    expect([head.status, head.headers.get('allow')]).toEqual([405, 'GET, POST']);
  });

  it('keeps keys like __proto__ as plain data, texts of numbers, and says where a character was replaced', async () => {
    const sent = `{"email":"proto@intake.test","trustedFormUrl":"https://cert.trustedform.com/x","sourceMetadata":{"__proto__":"x","n":5,"nul":"a\\u0000b"}}`;
    const { status, body } = await post(app, source, sent);
    expect(status).toBe(201);
    expect(JSON.stringify(body.metadata.sourceMetadata)).toContain('"__proto__":"x"');
    expect(body.metadata.sourceMetadata).toMatchObject({ n: '5', nul: 'a\uFFFDb' });
    expect(body.warnings).toEqual(['CHAR_REPLACED: sourceMetadata.nul']);
    expect(({} as Record<string, unknown>)['x']).toBeUndefined();
  });

  it('warns of a replaced character by the name that the sender has for the field', async () => {
    const trustedFormUrl = 'https://cert.trustedform.com/x';
    const { body: flat } = await post(app, source, flatLead({ firstName: 'a\u0000b', zip: '7\u0000' }));
    expect(flat.warnings.toSorted()).toEqual(['CHAR_REPLACED: firstName', 'CHAR_REPLACED: zip']);
    const query = `FirstName=a%00b&Phone=5125550123&TrustedFormUrl=${trustedFormUrl}`;
    const { body: queried } = await app.send('GET', `/leads/intake?${query}`, undefined, source.headers);
    expect(queried.warnings).toEqual(['CHAR_REPLACED: FirstName']);
    const lead = { metadata: { trustedFormUrl }, contact: { firstName: 'a\u0000b', phone: '5125550123' }, customer: {} };
    expect((await submit(source.headers, lead)).body.warnings).toEqual(['CHAR_REPLACED: contact.firstName']);
  });

  it('repeats with an Idempotency-Key give the first answer again', async () => {
    const headers = { ...source.headers, 'idempotency-key': 'once' };
    const lead = flatLead();
    const first = await app.send('POST', '/leads/intake', lead, headers);
    const second = await app.send('POST', '/leads/intake', lead, headers);
    expect([second.status, second.body, second.headers.get('idempotent-replayed')]).toEqual([201, first.body, 'true']);
  });

  it('repeats by GET with an Idempotency-Key give the first answer again', async () => {
    const [first, second] = [await getOnce('once@get.test', 'once-by-get'), await getOnce('once@get.test', 'once-by-get')];
    expect([second.status, second.body, second.headers.get('idempotent-replayed')]).toEqual([201, first.body, 'true']);
    expect(await getOnce('other@get.test', 'once-by-get')).toMatchObject({ status: 422, body: { code: 'IDEMPOTENCY_KEY_REUSED' } });
    expect(await getOnce('other@get.test', 'two words')).toMatchObject({ status: 400, body: { code: 'IDEMPOTENCY_KEY_INVALID' } });
  });
});
