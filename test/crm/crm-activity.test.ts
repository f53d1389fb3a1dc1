import { describe, expect, it } from 'vitest';
import { occurredAtOf, statusOf, summarise, toEventType } from '../../src/crm/crm-activity.ts';

const receivedAt = new Date('2026-03-05T12:00:00.000Z');

describe('the time of CRM activity', () => {
  it.each([
    ['2026-03-05T10:00:00Z', '2026-03-05T10:00:00.000Z'],
    ['2026-03-05T10:00:00+02:00', '2026-03-05T08:00:00.000Z'],
    ['2026-03-05T12:04:00Z', '2026-03-05T12:04:00.000Z'],
    ['2001-01-01T00:00:00Z', '2001-01-01T00:00:00.000Z'],
  ])('is what updated_at says: %s', (updatedAt, expected) => {
    expect(occurredAtOf({ updated_at: updatedAt }, receivedAt).toISOString()).toBe(expected);
  });

  it.each([
    '2026-03-05T13:00:00Z',
    '9999-01-01T00:00:00Z',
    '1969-12-31T23:59:59Z',
    '2026-02-30T00:00:00Z',
    '2026-03-05 10:00:00',
    'soon',
    5,
    null,
    {},
  ])('is that of its arrival where updated_at is not credible: %s', (updatedAt) => {
    expect(occurredAtOf({ updated_at: updatedAt }, receivedAt)).toBe(receivedAt);
  });

  it('is never read from a prototype', () => {
    expect(occurredAtOf(Object.create({ updated_at: '2026-03-05T10:00:00Z' }) as object as Record<string, unknown>, receivedAt)).toBe(
      receivedAt,
    );
  });
});

describe('the words of CRM activity', () => {
  it.each([[undefined], [null], [''], ['  '], [{}], [[]]])('default to updated: %j', (value) => {
    expect(toEventType(value)).toBe('updated');
  });

  it('are cut to a size that fits, and hold nothing that cannot be stored', () => {
    expect(toEventType('x'.repeat(1000))).toHaveLength(255);
    expect(toEventType('a\0b')).toBe('a\uFFFDb');
    expect(statusOf({ status: 'a\uD800' })).toBe('a\uFFFD');
  });

  it('make a summary that a person can read', () => {
    expect(summarise({ eventType: 'status_changed', status: 'qualified' })).toBe('CRM: status changed, qualified');
    expect(summarise({ eventType: 'updated', status: null })).toBe('CRM: updated');
    expect(statusOf({ status: 7 })).toBe('7');
    expect(statusOf({ status: { deep: true } })).toBeNull();
  });
});
