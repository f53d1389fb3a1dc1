/** What stands behind the number itself: "x4", "ext. 4", "#4". */
const extension = /(?:;?\s*(?:ext(?:ension|n)?|x|#)\s*[.:=]?\s*\d{1,8})\s*$/i;

/** Signs that people put between digits. */
const punctuation = /[\s().\-‐‑‒–—/·_]/g;

/**
 * The E.164 form of a *possible* U.S. number: ten digits, or eleven that begin with 1, whatever stands between and whatever extension follows.
 * A test of shape only: nobody promises that it rings. Null: it is none.
 */
export function toUsE164(text: string): string | null {
  if (/^\+1\d{10}$/.test(text)) return text;
  const plain = text.normalize('NFKC').trim().replace(/^tel:/i, '').replace(extension, '').replace(punctuation, '');
  const [, national] = /^(?:\+?1)?(\d{10})$/.exec(plain) ?? [];
  return national === undefined ? null : `+1${national}`;
}
