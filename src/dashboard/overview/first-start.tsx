import { useEffect, useState } from 'preact/hooks';
import { useApp } from '../app-context.ts';
import { documentedCommands } from '../leads/documented-commands.ts';
import { Link } from '../router.tsx';
import { apiKey } from '../session.ts';
import { useStore } from '../store.ts';
import { CodeBlock } from '../ui/copy.tsx';

/** What to do on an empty server: run the documented commands, and see the lead arrive. */
export function FirstStart() {
  const key = useStore(apiKey);
  const { feed, canEdit } = useApp();
  const [arrived, setArrived] = useState<string | null>(null);
  useEffect(() => feed.onChanges(([change]) => setArrived(change?.summary ?? null)), [feed]);
  const [started, submitted] = documentedCommands(location.origin, key !== null);
  return (
    <div class="page guide">
      <header class="page-head">
        <h1>Overview</h1>
      </header>
      <p class="lead">
        No leads yet. {canEdit ? 'Send the first one from a terminal; it appears here by itself.' : 'They appear here as they come.'}
      </p>
      {canEdit && (
        <ol class="steps">
          <li>
            <h2>A visitor begins the form</h2>
            <CodeBlock label="Form Started" code={started} />
          </li>
          <li>
            <h2>The same visitor submits it</h2>
            <p class="muted">The email says that it is the same lead: it keeps its name and source, and moves along the pipeline.</p>
            <CodeBlock label="Application Submitted" code={submitted} />
          </li>
          <li>
            <h2>Or let a demonstration run</h2>
            <CodeBlock label="In the folder of the server" code={`npm run demo -- ${location.origin}`} />
          </li>
        </ol>
      )}
      {key !== null && <p class="muted">Put your API key in the place of YOUR_API_KEY.</p>}
      <p>
        Everything else that can be sent: <a href="/docs">the REST endpoints</a>. The graph behind it: <a href="/graphql">GraphiQL</a>.
        Ready commands: <Link href="/app/api">API</Link>.
      </p>
      <p class="waiting" role="status">
        {arrived ?? 'Waiting for the first lead…'}
      </p>
    </div>
  );
}
