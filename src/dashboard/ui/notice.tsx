import type { ComponentChildren } from 'preact';

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
