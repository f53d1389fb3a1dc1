import type { ComponentChildren } from 'preact';
import type { GraphError } from '../graph/request.ts';

interface NoticeProps {
  readonly kind: 'problem' | 'hint' | 'done';
  readonly children: ComponentChildren;
}

export function Notice({ kind, children }: NoticeProps) {
  return (
    <div class={`notice ${kind}`} role={kind === 'problem' ? 'alert' : 'status'}>
      {children}
    </div>
  );
}

/** Why a question has no answer, and whether it is asked again. */
export function ErrorNotice({ error }: { readonly error: GraphError | null }) {
  if (!error) return null;
  return (
    <Notice kind="problem">
      {error.message}
      {error.isPassing && ' Trying again…'}
    </Notice>
  );
}
