import { useEffect, useState } from 'preact/hooks';
import { allSources, mostSources, type Source } from '../documents/sources.ts';
import { useQuery } from '../graph/use-query.ts';

/** Every source, to choose one of: they come a page at a time. */
export function useAllSources(): readonly Source[] {
  const [after, setAfter] = useState<string | null>(null);
  const [sources, setSources] = useState<readonly Source[]>([]);
  const { data } = useQuery(allSources, { first: mostSources, after });

  useEffect(() => {
    if (!data) return;
    const { nodes, pageInfo } = data.sources;
    // The page before is shown until the next one is here.
    const isOfBefore = after !== null && pageInfo.endCursor === after;
    if (isOfBefore) return;
    setSources((known) => [...known.filter(({ id }) => nodes.every((node) => node.id !== id)), ...nodes]);
    if (pageInfo.hasNextPage) setAfter(pageInfo.endCursor);
  }, [data]);

  return sources;
}
