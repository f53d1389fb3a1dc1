import type { ComponentChildren } from 'preact';
import { useEffect, useErrorBoundary } from 'preact/hooks';
import { Link, onNavigate } from './router.tsx';

/** Keeps the fault of one page from taking everything around it away. */
export function PageBoundary({ children }: { readonly children: ComponentChildren }) {
  // Reported as if nobody had caught it: it is a mistake of ours, and belongs into the console.
  const [fault, reset] = useErrorBoundary((error: unknown) => reportError(error));
  return fault === undefined ? <>{children}</> : <PageFault onAgain={reset} />;
}

function PageFault({ onAgain }: { readonly onAgain: () => void }) {
  // Another address of the same page, or the same one anew, may well be shown.
  useEffect(() => onNavigate(onAgain), []);
  return (
    <div class="page">
      <h1>This page cannot be shown</h1>
      <p role="alert">Something in it went wrong here. All that is stored is as it was.</p>
      <p>
        <button type="button" class="button" onClick={onAgain}>
          Try again
        </button>{' '}
        <Link href="/">Back to the Overview</Link>
      </p>
    </div>
  );
}
