import { createStore } from './store.ts';

/** The API key lives as long as the tab, and never in an address. Null: none was given, which an open server accepts. */
const storageName = 'leadgraph.key';

export const apiKey = createStore<string | null>(sessionStorage.getItem(storageName));

/** Why the sign-in page is shown again. */
export const signInNote = createStore<string | null>(null);

export function signIn(key: string): void {
  sessionStorage.setItem(storageName, key);
  signInNote.set(null);
  apiKey.set(key);
}

export function signOut(note: string | null = null): void {
  sessionStorage.removeItem(storageName);
  signInNote.set(note);
  apiKey.set(null);
}

export const credentials = (): Record<string, string> => {
  const key = apiKey.get();
  return key === null ? {} : { 'x-api-key': key };
};
