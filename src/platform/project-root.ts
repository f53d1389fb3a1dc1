import { existsSync } from 'node:fs';

/** The folder that holds package.json: two levels up from the sources, three from the compiled files. */
export const projectRoot = findRoot(new URL('.', import.meta.url));

function findRoot(folder: URL): URL {
  if (existsSync(new URL('package.json', folder))) return folder;
  const parent = new URL('..', folder);
  if (parent.href === folder.href) throw new Error('package.json was not found above the program');
  return findRoot(parent);
}
