import { useEffect } from 'preact/hooks';

/** Asks again now and then while the page is looked at, and at once when somebody comes back to it: for what the log of leads does not tell. */
export function usePolling(refetch: () => void, everyMs: number): void {
  useEffect(() => {
    const ask = (): void => {
      if (!document.hidden) refetch();
    };
    const timer = setInterval(ask, everyMs);
    document.addEventListener('visibilitychange', ask);
    return () => {
      clearInterval(timer);
      document.removeEventListener('visibilitychange', ask);
    };
  }, [refetch, everyMs]);
}
