import { useRef, useState } from 'preact/hooks';
import type { LeadFilter, LeadOrder } from '../documents/leads.ts';
import { toGraphError } from '../graph/use-query.ts';
import { Dialog } from '../ui/dialog.tsx';
import { Notice } from '../ui/notice.tsx';
import { formatCount, plural } from '../ui/numbers.ts';
import { exportCsv } from './export-csv.ts';

interface ExportButtonProps {
  readonly filter: LeadFilter;
  readonly orderBy: LeadOrder;
  /** How many there are, when it is known. */
  readonly total: number | null;
}

type Progress = { readonly state: 'running' | 'done' | 'failed'; readonly count: number; readonly problem?: string };

export function ExportButton({ filter, orderBy, total }: ExportButtonProps) {
  const [progress, setProgress] = useState<Progress | null>(null);
  const running = useRef<AbortController | null>(null);

  function begin(): void {
    const controller = new AbortController();
    running.current = controller;
    let count = 0;
    const onProgress = (done: number) => {
      count = done;
      setProgress({ state: 'running', count });
    };
    exportCsv(filter, orderBy, onProgress, controller.signal).then(
      () => setProgress({ state: 'done', count }),
      (error: unknown) => {
        // The user closed the browser's own dialog, or ours.
        if (error instanceof DOMException && error.name === 'AbortError') setProgress(null);
        else setProgress({ state: 'failed', count, problem: toGraphError(error).message });
      },
    );
  }

  function close(): void {
    running.current?.abort();
    setProgress(null);
  }

  return (
    <>
      <button type="button" class="button" onClick={begin}>
        Export CSV
      </button>
      {progress && (
        <Dialog title="Export CSV" onClose={close}>
          {progress.state === 'failed' ? (
            <Notice kind="problem">{progress.problem}</Notice>
          ) : (
            <>
              <progress aria-label="Leads exported" max={Math.max(total ?? progress.count, progress.count, 1)} value={progress.count} />
              <p role="status">
                {progress.state === 'done'
                  ? `${plural(progress.count, 'lead')} exported.`
                  : `${formatCount(progress.count)} of ${total === null ? '…' : formatCount(total)}`}
              </p>
            </>
          )}
          <div class="actions">
            <button type="button" class="button" onClick={close}>
              {progress.state === 'running' ? 'Cancel' : 'Close'}
            </button>
          </div>
        </Dialog>
      )}
    </>
  );
}
