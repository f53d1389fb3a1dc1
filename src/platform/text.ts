/** Longest text that a plain field takes. */
export const maxTextLength = 4096;

// A lone surrogate has no UTF-8 form, and PostgreSQL text cannot hold NUL.
const isStorable = (text: string): boolean => !text.includes('\0') && text.isWellFormed();

export interface StorableJson<Value> {
  readonly value: Value;
  /** Dotted paths of the texts in which a character was replaced by U+FFFD. */
  readonly replaced: readonly string[];
}

/** Replaces what PostgreSQL cannot store by U+FFFD, in every text of a JSON value and in its keys; the value itself when there is nothing to replace. */
export function toStorable<Value>(value: Value): StorableJson<Value> {
  // Nearly every value is fine as it is: see that first, without making anything.
  if (isStorableValue(value)) return { value, replaced: [] };
  const replaced: string[] = [];
  const clean = cleanValue(value, '', replaced);
  return { value: clean as Value, replaced };
}

function isStorableValue(value: unknown): boolean {
  if (typeof value === 'string') return isStorable(value);
  if (typeof value !== 'object' || value === null) return true;
  if (Array.isArray(value)) return value.every(isStorableValue);
  // A Decimal has some eighty properties on its prototype, and no text of anybody's.
  if (!isPlain(value)) return true;
  const object: Readonly<Record<string, unknown>> = value as Readonly<Record<string, unknown>>;
  for (const key in object) if (!isStorable(key) || !isStorableValue(object[key])) return false;
  return true;
}

function cleanValue(value: unknown, path: string, replaced: string[]): unknown {
  if (typeof value === 'string') {
    if (isStorable(value)) return value;
    replaced.push(path);
    return cleanText(value);
  }
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return cleanArray(value, path, replaced);
  return isPlain(value) ? cleanObject(value, path, replaced) : value;
}

function cleanArray(items: readonly unknown[], path: string, replaced: string[]): unknown {
  const before = replaced.length;
  const clean = items.map((item, i) => cleanValue(item, `${path}.${i}`, replaced));
  return replaced.length === before ? items : clean;
}

function cleanObject(object: object, path: string, replaced: string[]): object {
  const before = replaced.length;
  const entries = Object.entries(object).map(([key, inner]): [string, unknown] => {
    const innerPath = path === '' ? cleanText(key) : `${path}.${cleanText(key)}`;
    if (!isStorable(key)) replaced.push(innerPath);
    return [cleanText(key), cleanValue(inner, innerPath, replaced)];
  });
  // fromEntries defines own properties, so a key like `__proto__` stays plain data.
  return replaced.length === before ? object : Object.fromEntries(entries);
}

const cleanText = (text: string): string => text.toWellFormed().replaceAll('\0', '\uFFFD');

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/** Whether a text holds control characters, or halves of a character, which no name, address or number has. */
export const hasControlCharacter = (text: string): boolean => /[\p{Cc}\p{Cs}]/u.test(text);

export interface JsonSize {
  readonly depth: number;
  readonly keys: number;
}

/** How deep a JSON value nests and how many keys it holds in all. Iterative, and stops at the first limit it meets. */
export function measureJson(value: unknown, limit: JsonSize): JsonSize {
  let keys = 0;
  let deepest = 0;
  const open: { readonly value: unknown; readonly depth: number }[] = [{ value, depth: 0 }];
  for (let next = open.pop(); next; next = open.pop()) {
    if (typeof next.value !== 'object' || next.value === null) continue;
    const depth = next.depth + 1;
    deepest = Math.max(deepest, depth);
    const children = Object.values(next.value);
    if (!Array.isArray(next.value)) keys += children.length;
    if (deepest > limit.depth || keys > limit.keys) break;
    for (const child of children) if (typeof child === 'object' && child !== null) open.push({ value: child, depth });
  }
  return { depth: deepest, keys };
}
