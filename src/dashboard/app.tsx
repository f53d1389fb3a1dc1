import { useEffect, useMemo, useState } from 'preact/hooks';
import { type AppContext, AppProvider } from './app-context.ts';
import { type Viewer, whoAmI } from './documents/session.ts';
import { openFeed } from './graph/feed.ts';
import { request } from './graph/request.ts';
import { toGraphError } from './graph/use-query.ts';
import { apiKey, credentials, signOut } from './session.ts';
import { Shell } from './shell.tsx';
import { SignIn } from './sign-in.tsx';
import { useStore } from './store.ts';
import { Notice } from './ui/notice.tsx';

const retryMs = 2000;

/** Finds out who looks before anything else: an open server asks nobody, another one wants a key. */
export function App() {
  const key = useStore(apiKey);
  const [viewer, setViewer] = useState<Viewer | null>(null);
  const [problem, setProblem] = useState<string | null>(null);

  useEffect(() => {
    let stopped = false;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const ask = (): void => {
      request(whoAmI, {}).then(
        (answer) => {
          if (stopped) return;
          setProblem(null);
          setViewer(answer.viewer);
        },
        (error: unknown) => {
          if (stopped) return;
          const { code, message } = toGraphError(error);
          if (code === 'UNAUTHENTICATED') return;
          setProblem(message);
          timer = setTimeout(ask, retryMs);
        },
      );
    };
    setViewer(null);
    ask();
    return () => {
      stopped = true;
      clearTimeout(timer);
    };
  }, [key]);

  if (problem !== null && !viewer) {
    return (
      <main class="alone">
        <Notice kind="problem">{problem} Trying again…</Notice>
      </main>
    );
  }
  if (!viewer) return null;
  if (viewer.kind === 'ANONYMOUS') return <SignIn />;
  if (!canRead(viewer)) {
    return (
      <SignIn note="This key may hand leads in, but not see them. The dashboard needs a key with the scope VIEWER, EDITOR or ADMIN." />
    );
  }
  return <SignedIn viewer={viewer} />;
}

function SignedIn({ viewer }: { readonly viewer: Viewer }) {
  const feed = useMemo(() => openFeed(credentials), [viewer]);
  useEffect(() => feed.close, [feed]);
  // A key that was revoked ends the stream without a word; the answer to this one signs the user out.
  useEffect(
    () =>
      feed.status.watch(() => {
        if (feed.status.get().state === 'offline') void request(whoAmI, {}).catch(() => {});
      }),
    [feed],
  );
  const context: AppContext = useMemo(
    () => ({
      viewer,
      feed,
      canEdit: viewer.scopes.some((scope) => scope === 'EDITOR' || scope === 'ADMIN'),
      canAdminister: viewer.scopes.includes('ADMIN'),
    }),
    [viewer, feed],
  );
  return (
    <AppProvider value={context}>
      <Shell onSignOut={apiKey.get() === null ? null : () => signOut()} />
    </AppProvider>
  );
}

const canRead = ({ scopes }: Viewer): boolean => scopes.some((scope) => scope !== 'INGEST');
