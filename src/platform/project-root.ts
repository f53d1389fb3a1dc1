import { existsSync } from 'node:fs';

/** The folder that holds package.json, above the sources and above the bundle. */
export const projectRoot = findRoot(new URL('.', import.meta.url));

function findRoot(folder: URL): URL {
  if (existsSync(new URL('package.json', folder))) return folder;
  const parent = new URL('..', folder);
  if (parent.href === folder.href) throw new Error('package.json was not found above the program');
  return findRoot(parent);
}
