import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { createDocsPages } from '../../rest-compat/docs.ts';
import { leadpingEndpoints } from '../../rest-compat/leadping/endpoints.ts';
import { submissionChecks } from '../../src/leads/submission-checks.ts';
import { toUsE164 } from '../../src/leads/us-phone.ts';
import { isSecretName } from '../../src/leads/secret-name.ts';
import { toStateCode } from '../../src/sources/us-states.ts';

const projectFile = (name: string): string => readFileSync(fileURLToPath(new URL(`../../${name}`, import.meta.url)), 'utf8');

describe('the order of checks', () => {
  it('stands in the README as the code has it', () => {
    const rows = submissionChecks.map(({ refuses, status, code }, i) => `| ${i + 1} | ${refuses} | ${status} | \`${code}\` |`);
    expect(projectFile('README.md')).toContain(rows.join('\n'));
  });

  it('stands in /docs as the code has it', () => {
    const html = createDocsPages(leadpingEndpoints)[0]?.body ?? '';
    const places = submissionChecks.map(({ refuses }) => html.indexOf(refuses));
    expect(places.every((place) => place > 0)).toBe(true);
    expect(places).toEqual(places.toSorted((a, b) => a - b));
  });

  it('is the documented one: credentials, source, then the lead', () => {
    expect([...new Set(submissionChecks.map(({ status }) => status))]).toEqual([401, 403, 400]);
  });
});

it.each([
  ['+15555550123', '+15555550123'],
  ['15125550123', '+15125550123'],
  ['(512) 555-0123 ext. 77', '+15125550123'],
  ['tel:+1-512-555-0123', '+15125550123'],
  ['+5125550123', null],
  ['512555012', null],
  ['25125550123', null],
  ['1-800-FLOWERS', null],
  ['', null],
])('a possible U.S. number: %s', (text, e164) => expect(toUsE164(text)).toBe(e164));

it.each([
  ['TX', 'TX'],
  ['tx', 'TX'],
  [' new  york ', 'NY'],
  ['D.C.', 'DC'],
  ['Puerto Rico', 'PR'],
  ['ZZ', null],
  ['', null],
])('row 24: a state: %s', (text, code) => expect(toStateCode(text)).toBe(code));

it.each(['password', 'api_key', 'apiKey', 'X-Api-Key', 'accessToken', 'client_secret', 'Authorization'])('a name of secrets: %s', (name) =>
  expect(isSecretName(name)).toBe(true),
);

it.each(['placement', 'publisher', 'keyword', 'tokenized', 'keys', 'monkey'])('no name of secrets: %s', (name) =>
  expect(isSecretName(name)).toBe(false),
);
