import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { flatLead, makeSource, post, rootKey, type SourceAccess } from '../sources/intake.ts';
import { startApp, type TestApp } from '../support/app.ts';

const naughty = JSON.parse(
  readFileSync(createRequire(import.meta.url).resolve('big-list-of-naughty-strings/blns.json'), 'utf8'),
) as string[];

let app: TestApp;
let source: SourceAccess;
beforeAll(async () => {
  app = await startApp({ API_KEY: rootKey, SOURCE_RATE_LIMIT_PER_MINUTE: '0' });
  source = await makeSource(app);
});
afterAll(() => app.end());

const names = [
  'firstName',
  'lastName',
  'utmSource',
  'utmMedium',
  'utmCampaign',
  'utmTerm',
  'utmContent',
  'referrer',
  'landingPage',
  'subId',
  'vertical',
];
const addresses = ['address1', 'address2', 'city', 'zip'];
/** Blank is nothing sent. */
const stored = (text: string): unknown => (text.trim() === '' ? null : text.normalize('NFC').replaceAll('\0', '\uFFFD'));

it('row 16: keeps every naughty string exactly, in every free text and in the metadata', { timeout: 60_000 }, async () => {
  for (let i = 0; i < naughty.length; i += 32) {
    await Promise.all(
      naughty.slice(i, i + 32).map(async (text) => {
        const fields = Object.fromEntries([...names, ...addresses].map((name) => [name, text]));
        const { status, body } = await post(app, source, flatLead({ ...fields, sourceMetadata: { note: text } }));
        expect([status, text]).toEqual([201, text]);
        const { firstName, lastName, streetAddress } = body.contact;
        const { metadata } = body;
        const kept = [
          firstName,
          lastName,
          streetAddress?.line1 ?? null,
          streetAddress?.city ?? null,
          metadata.utmTerm,
          metadata.vertical,
          metadata.subId,
        ];
        expect(kept).toEqual(kept.map(() => stored(text)));
        expect(metadata.sourceMetadata).toEqual({ note: text.replaceAll('\0', '\uFFFD') });
      }),
    );
  }
});

it('row 16: answers every naughty string in a checked field with 201 or 400', { timeout: 60_000 }, async () => {
  for (const name of ['email', 'phone', 'state', 'birthDate', 'trustedFormUrl', 'product', 'externalId', 'price', 'gender', 'tagNames']) {
    const statuses = new Set<number>();
    for (let i = 0; i < naughty.length; i += 32) {
      const answers = await Promise.all(naughty.slice(i, i + 32).map((text) => post(app, source, flatLead({ [name]: text }))));
      for (const { status } of answers) statuses.add(status);
    }
    expect([name, [...statuses].filter((status) => status !== 201 && status !== 400)]).toEqual([name, []]);
  }
});
