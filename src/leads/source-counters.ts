import type { SourceStats, SubmissionOutcome } from '../../prisma/generated/client/client.ts';
import { RateLimitedError } from '../errors.ts';
import { dayOf } from '../platform/instant.ts';
import type { Draft } from '../writes/draft.ts';

const windowMs = 60_000;

/**
 * Counts a request of a source: for its metrics, and for the limit of a minute that begins with the first request of it. The batch decides by
 * the database's clock and writes the row once, so the limit holds across servers at no cost. Throws when the minute is full; 0: no limit.
 */
export function countRequest(draft: Draft, sourceId: string, outcome: SubmissionOutcome, perMinute: number): void {
  const { now } = draft;
  const before = draft.row('SourceStats', sourceId) ?? emptyStats(sourceId, now);
  const windowEnd = before.windowStartedAt.getTime() + windowMs;
  const isOpen = windowEnd > now.getTime() && before.windowCount > 0;
  if (isOpen && perMinute > 0 && before.windowCount >= perMinute) {
    const seconds = Math.max(1, Math.ceil((windowEnd - now.getTime()) / 1000));
    throw new RateLimitedError(`This source sent more than ${perMinute} requests within a minute.`, seconds);
  }
  const isAccepted = outcome !== 'REJECTED';
  draft.put('SourceStats', {
    ...before,
    created: before.created + (outcome === 'CREATED' ? 1 : 0),
    duplicates: before.duplicates + (outcome === 'DUPLICATE' ? 1 : 0),
    rejected: before.rejected + (isAccepted ? 0 : 1),
    firstLeadAt: before.firstLeadAt ?? (isAccepted ? now : null),
    lastLeadAt: isAccepted ? now : before.lastLeadAt,
    windowStartedAt: isOpen ? before.windowStartedAt : now,
    windowCount: isOpen ? before.windowCount + 1 : 1,
  });
  countOfDay(draft, sourceId, outcome);
}

function countOfDay(draft: Draft, sourceId: string, outcome: SubmissionOutcome): void {
  const day = dayOf(draft.now);
  const before = draft.row('SourceDay', `${sourceId} ${day}`) ?? { sourceId, day, created: 0, duplicates: 0, rejected: 0 };
  draft.put('SourceDay', {
    ...before,
    created: before.created + (outcome === 'CREATED' ? 1 : 0),
    duplicates: before.duplicates + (outcome === 'DUPLICATE' ? 1 : 0),
    rejected: before.rejected + (outcome === 'REJECTED' ? 1 : 0),
  });
}

const emptyStats = (sourceId: string, now: Date): SourceStats => ({
  sourceId,
  created: 0,
  duplicates: 0,
  rejected: 0,
  firstLeadAt: null,
  lastLeadAt: null,
  windowStartedAt: now,
  windowCount: 0,
});
