/** The fields of a form, or the parameters of an address: a name that came several times has a list. */
export type FormFields = Readonly<Record<string, string | readonly string[]>>;

/** Of several fields of one name the last counts, as in most forms. */
export const lastOfEach = (fields: FormFields): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, typeof value === 'string' ? value : (value.at(-1) ?? '')]));
