import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import type { Viewer } from './documents/session.ts';
import type { Feed } from './graph/feed.ts';

/** What every page may use: who looks, and what happens. */
export interface AppContext {
  readonly viewer: Viewer;
  readonly feed: Feed;
  /** Whether the viewer may move, edit and delete leads. */
  readonly canEdit: boolean;
  /** Whether the viewer may manage keys, sources, campaigns and webhooks. */
  readonly canAdminister: boolean;
}

const Context = createContext<AppContext | null>(null);

export const AppProvider = Context.Provider;

export function useApp(): AppContext {
  const app = useContext(Context);
  if (!app) throw new Error('There is no app around this component.');
  return app;
}
