/** The values of a statement that is put together piece by piece. */
export interface Parameters {
  readonly values: readonly unknown[];
  /** Adds a value and gives its placeholder. Nothing that a caller sent ever stands in the text of a statement. */
  readonly add: (value: unknown) => string;
}

export function createParameters(...first: readonly unknown[]): Parameters {
  const values = [...first];
  return { values, add: (value) => `$${values.push(value)}` };
}

/** PostgreSQL cannot hold a NUL in a text, so nothing that it stores can equal a text with one. */
export const isStorable = (text: string): boolean => !text.includes('\0');
