import { useEffect, useState } from 'preact/hooks';
import { useApp } from '../app-context.ts';
import { type Analytics, analytics, analyticsLive, type AnalyticsVariables } from '../documents/analytics.ts';
import type { GraphError } from '../graph/request.ts';
import { useQuery } from '../graph/use-query.ts';

/** The numbers, and what becomes of them: asked for once, then followed. */
export function useAnalytics(variables: AnalyticsVariables): { readonly numbers: Analytics | null; readonly error: GraphError | null } {
  const { feed } = useApp();
  const { data, error } = useQuery(analytics, variables);
  const [live, setLive] = useState<{ readonly key: string; readonly numbers: Analytics } | null>(null);
  const key = JSON.stringify(variables);
  useEffect(
    () => feed.follow(analyticsLive, JSON.parse(key) as AnalyticsVariables, ({ analyticsLive: numbers }) => setLive({ key, numbers })),
    [feed, key],
  );
  const asked = data?.analytics ?? null;
  const followed = live?.key === key ? live.numbers : null;
  const numbers = followed && (!asked || followed.seq >= asked.seq) ? followed : asked;
  return { numbers, error: followed ? null : error };
}
