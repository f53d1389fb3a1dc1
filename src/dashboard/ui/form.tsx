import type { ComponentChildren } from 'preact';
import { useEffect, useMemo, useRef } from 'preact/hooks';
import { Dialog } from './dialog.tsx';
import { type FieldIssue, FieldIssues, placeIssues } from './field-issues.ts';
import { Notice } from './notice.tsx';
import type { Action } from './use-action.ts';

interface FormDialogProps {
  readonly title: string;
  readonly action: Pick<Action, 'busy' | 'problem' | 'refusal'>;
  readonly submit: string;
  /** The field that is to blame for a refusal that names none, by its code. */
  readonly blames?: Readonly<Record<string, string>>;
  readonly wide?: boolean;
  /** What it does cannot be undone. */
  readonly danger?: boolean;
  readonly onSubmit: (data: FormData) => void;
  readonly onClose: () => void;
  readonly children: ComponentChildren;
}

const noIssues: readonly FieldIssue[] = [];

/** A form in a dialog. What the graph has against a field stands at that field; the rest stands at the foot. */
export function FormDialog({
  title,
  action,
  submit,
  blames = {},
  wide = false,
  danger = false,
  onSubmit,
  onClose,
  children,
}: FormDialogProps) {
  const form = useRef<HTMLFormElement>(null);
  const { refusal, problem, busy } = action;
  const issues = useMemo(
    () => (refusal && form.current ? placeIssues(refusal, form.current.elements, blames) : noIssues),
    // A refusal is judged by the fields that there were when it came.
    [refusal],
  );
  useEffect(() => {
    const marked = form.current?.querySelector<HTMLElement>('[aria-invalid="true"], [data-invalid]');
    marked?.closest('details')?.setAttribute('open', '');
    marked?.focus();
  }, [issues]);
  const unplaced = issues.filter(({ field }) => field === null).map(({ message }) => message);
  return (
    <Dialog title={title} wide={wide} onClose={onClose}>
      <form
        ref={form}
        onSubmit={(event) => {
          event.preventDefault();
          onSubmit(new FormData(event.currentTarget));
        }}
      >
        <FieldIssues value={issues}>{children}</FieldIssues>
        {problem !== null && (
          <Notice kind="problem">
            {refusal === null ? problem : unplaced.length > 0 ? unplaced.join(' ') : 'Nothing was saved: look at the marked fields.'}
          </Notice>
        )}
        <div class="actions">
          <button type="button" class="button" onClick={onClose}>
            Cancel
          </button>
          <button type="submit" class={`button ${danger ? 'danger' : 'primary'}`} disabled={busy}>
            {submit}
          </button>
        </div>
      </form>
    </Dialog>
  );
}
