import { useEffect } from 'preact/hooks';

/** Asks again now and then while the page is looked at: for what the log of leads does not tell. */
export function usePolling(refetch: () => void, everyMs: number): void {
  useEffect(() => {
    const timer = setInterval(() => {
      if (!document.hidden) refetch();
    }, everyMs);
    return () => clearInterval(timer);
  }, [refetch, everyMs]);
}
