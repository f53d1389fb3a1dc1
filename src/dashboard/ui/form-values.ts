/** What was written into the fields of a form. */

export const textOf = (data: FormData, name: string): string => {
  const value = data.get(name);
  return typeof value === 'string' ? value.trim() : '';
};

/** Null: it was left empty. */
export const textOrNull = (data: FormData, name: string): string | null => textOf(data, name) || null;

/** What was written with commas or on lines of its own. */
export const listOf = (data: FormData, name: string): readonly string[] =>
  textOf(data, name)
    .split(/[,\n]/)
    .map((item) => item.trim())
    .filter((item) => item !== '');

/** The boxes of this name that are ticked. */
export const tickedOf = (data: FormData, name: string): readonly string[] => data.getAll(name).filter((value) => typeof value === 'string');
