const secretWords =
  /(^|_)(passwords?|passwd|pwd|passphrase|secrets?|tokens?|credentials?|authorization|(api|private|access|source|secret|auth)_?keys?|apikeys?)(_|$)/;

/** Whether a key of a sender's metadata is one under which people keep secrets. */
export const isSecretName = (name: string): boolean =>
  secretWords.test(
    name
      .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
      .replace(/[^A-Za-z0-9]+/g, '_')
      .toLowerCase(),
  );

/** The value without what stands under such names, for the receipt of a refused request. */
export function withoutSecrets(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutSecrets);
  if (typeof value !== 'object' || value === null || value instanceof Date) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, isSecretName(name) ? '[removed]' : withoutSecrets(inner)]));
}
