import { expect, it } from 'vitest';
import { createPipeline } from '../../src/pipeline/stage.ts';
import { createSecretBox } from '../../src/platform/secret-box.ts';
import { createLeadMatcher } from '../../src/webhooks/lead-match.ts';
import { toLegacyPayload } from '../../src/webhooks/payload.ts';
import { nextTry, parseRetryAfter, retryPlanSeconds } from '../../src/webhooks/retry-plan.ts';
import { isSecret, newSecret } from '../../src/webhooks/signature.ts';
import { hasFailedForGood, healthOf } from '../../src/webhooks/webhook.ts';

const hour = 3_600_000;

const now = new Date('2026-03-01T00:00:00Z');
const later = (ms: number): Date => new Date(now.getTime() + ms);
const failed = { tries: 0, plannedAt: null, retryAfterMs: null, random: 0.5, now };

it('waits along the plan, a fifth more or less, and as long as the receiver asks within a day', () => {
  expect(retryPlanSeconds).toHaveLength(16);
  expect(nextTry(failed)).toEqual({ tries: 1, at: later(5000), plannedAt: null });
  expect(nextTry({ ...failed, random: 0 })?.at).toEqual(later(4000));
  expect(nextTry({ ...failed, random: 1 })?.at).toEqual(later(6000));
  expect(nextTry({ ...failed, retryAfterMs: 30_000 })).toEqual({ tries: 1, at: later(30_000), plannedAt: null });
  expect(nextTry({ ...failed, retryAfterMs: hour })).toEqual({ tries: 1, at: later(hour), plannedAt: later(hour) });
  expect(nextTry({ ...failed, retryAfterMs: 1e12 })?.at).toEqual(later(24 * hour));
  expect(nextTry({ ...failed, tries: 14 })?.at).toEqual(later(24 * hour));
  expect(nextTry({ ...failed, tries: 15, retryAfterMs: 1000 })).toBeNull();
});

it('keeps to the plan when a try beyond it fails', () => {
  const plannedAt = later(5 * hour);
  expect(nextTry({ ...failed, tries: 6, plannedAt })).toEqual({ tries: 6, at: plannedAt, plannedAt });
  expect(nextTry({ ...failed, tries: 15, plannedAt })).toEqual({ tries: 15, at: plannedAt, plannedAt });
  expect(nextTry({ ...failed, tries: 6, plannedAt, retryAfterMs: 6 * hour })?.at).toEqual(later(6 * hour));
  expect(nextTry({ ...failed, tries: 6, plannedAt, now: plannedAt })?.tries).toBe(7);
});

it.each([
  ['3600', hour],
  ['0', 0],
  ['1e9', 1e12],
  ['Sun, 01 Mar 2026 01:00:00 GMT', hour],
  ['Sun, 01 Mar 2020 01:00:00 GMT', 0],
  ['soon', null],
  ['-5', null],
  ['', null],
  [undefined, null],
])('reads Retry-After: %s', (value, expected) => {
  expect(parseRetryAfter(value, new Date('2026-03-01T00:00:00Z'))).toBe(expected);
});

it('disables after five days of failures only, and twelve tries', () => {
  const failingSince = new Date('2026-03-01T00:00:00Z');
  const later = new Date('2026-03-06T00:00:00Z');
  expect(hasFailedForGood({ failures: 12, failingSince }, later)).toBe(true);
  expect(hasFailedForGood({ failures: 11, failingSince }, later)).toBe(false);
  expect(hasFailedForGood({ failures: 500, failingSince }, new Date(later.getTime() - 1))).toBe(false);
  expect(hasFailedForGood({ failures: 500, failingSince: null }, later)).toBe(false);
  expect([
    healthOf({ enabled: true, failures: 0 }),
    healthOf({ enabled: true, failures: 1 }),
    healthOf({ enabled: false, failures: 0 }),
  ]).toEqual(['OK', 'FAILING', 'DISABLED']);
});

it('fills the documented body with nulls, and with empty texts where there is never null', () => {
  expect(JSON.stringify(toLegacyPayload({ lead: {} }))).toBe(
    '{"data":{"email":"","company":null,"first_name":null,"last_name":null,"phone":null,"website":"","position":null,"twitter":null,"linkedin":null,"notes":null,"score":0}}',
  );
});

it('takes secrets of 24 to 64 bytes', () => {
  expect(isSecret(newSecret())).toBe(true);
  expect(isSecret('whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw')).toBe(true);
  for (const text of [
    '',
    'whsec_',
    'whsec_abc',
    `whsec_${'A'.repeat(28)}`,
    `whsec_${'A'.repeat(100)}`,
    'MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
    'whsec_MfKQ9r8G*',
  ]) {
    expect(isSecret(text)).toBe(false);
  }
});

it('opens what it sealed, under the same purpose and key only', () => {
  const box = createSecretBox('a passphrase of the operator', '.');
  const sealed = box.seal('päss', 'webhook 1');
  expect(sealed).not.toContain('päss');
  expect(sealed).not.toBe(box.seal('päss', 'webhook 1'));
  expect(box.open(sealed, 'webhook 1')).toBe('päss');
  expect(() => box.open(sealed, 'webhook 2')).toThrow();
  expect(() => createSecretBox('another passphrase', '.').open(sealed, 'webhook 1')).toThrow();
});

const lead = {
  id: '01900000-0000-7000-8000-00000000abcd',
  number: 42,
  stage: 'Paid',
  email: 'Ann.Smith@Example.com',
  firstName: 'Ann',
  lastName: "O'Brien",
  phone: '(555) 555-0123',
  sourceName: 'google',
  sourceId: '01900000-0000-7000-8000-000000000abc',
  campaignName: 'spring',
  domain: 'example.com',
  deviceType: 'mobile',
  tags: ['vip', 'tax'],
  createdAt: '2026-03-05T10:00:00.000Z',
  updatedAt: '2026-03-06T10:00:00.000Z',
};

it.each([
  [{}, true],
  [{ stage: ['paid'] }, true],
  [{ stage: ['Form Started'] }, false],
  [{ source: ['google', 'bing'], campaign: ['spring'] }, true],
  [{ source: ['bing'] }, false],
  [{ domain: ['example.com'], deviceType: ['mobile'] }, true],
  [{ deviceType: ['desktop'] }, false],
  [{ tags: ['other', 'vip'] }, true],
  [{ tags: ['other'] }, false],
  [{ search: 'obrien ann' }, true],
  [{ search: '#42' }, true],
  [{ search: '5550123' }, true],
  [{ search: 'nobody' }, false],
  [{ createdFrom: new Date('2026-03-05T10:00:00Z'), createdTo: new Date('2026-03-05T10:00:00Z') }, true],
  [{ createdFrom: new Date('2026-03-05T10:00:01Z') }, false],
  [{ updatedTo: new Date('2026-03-06T09:59:59Z') }, false],
  [{ sourceId: ['src_01900000-0000-7000-8000-000000000abc'] }, true],
  [{ sourceId: ['01900000-0000-7000-8000-000000000DEF', 'no id'] }, false],
  [{ hasEvent: 'sale' }, true],
  [{ hasEvent: 'visit' }, false],
  [{ hasEvent: '' }, true],
  [{ search: 'a\0b' }, false],
  [{ duplicates: 'EXCLUDE' as const }, true],
  [{ duplicates: 'ONLY' as const }, false],
])('puts the filter %j to a lead as it stood then', (filter, expected) => {
  const matches = createLeadMatcher('01900000-0000-7000-8000-000000000000', createPipeline(['Form Started', 'Paid']), filter);
  expect(matches(lead, ['sale'])).toBe(expected);
});
