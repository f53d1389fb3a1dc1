import { useEffect, useState } from 'preact/hooks';

/** Puts a text into the clipboard and says so. */
export function CopyButton({ text, label = 'Copy' }: { readonly text: string; readonly label?: string }) {
  const [done, setDone] = useState(false);
  useEffect(() => {
    if (!done) return undefined;
    const timer = setTimeout(() => setDone(false), 1500);
    return () => clearTimeout(timer);
  }, [done]);
  return (
    <button type="button" class="button small copy" onClick={() => void copy(text).then(() => setDone(true))}>
      <span aria-live="polite">{done ? 'Copied' : label}</span>
    </button>
  );
}

async function copy(text: string): Promise<void> {
  // The clipboard is offered to secure pages only; a server in the local network without TLS is none.
  if (navigator.clipboard) return navigator.clipboard.writeText(text);
  const area = document.createElement('textarea');
  area.value = text;
  document.body.append(area);
  area.select();
  document.execCommand('copy');
  area.remove();
}

export function CodeBlock({ code, label }: { readonly code: string; readonly label: string }) {
  return (
    <figure class="code">
      <figcaption>
        {label}
        <CopyButton text={code} />
      </figcaption>
      {/* Focusable, so that the keyboard can scroll it. */}
      <pre tabindex={0} aria-label={label}>
        <code>{code}</code>
      </pre>
    </figure>
  );
}
