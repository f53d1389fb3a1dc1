import { useState } from 'preact/hooks';
import type { Source } from '../documents/sources.ts';
import { apiKey } from '../session.ts';
import { useStore } from '../store.ts';
import { CodeBlock } from '../ui/copy.tsx';
import { Notice } from '../ui/notice.tsx';
import { documentedCommands } from '../leads/documented-commands.ts';
import { rulesOf } from '../sources/source-rules.ts';
import { useAllSources } from '../sources/use-all-sources.ts';

export function Api() {
  const key = useStore(apiKey);
  const sources = useAllSources();
  const [chosen, setChosen] = useState<string | null>(null);
  const source = sources.find(({ id }) => id === chosen) ?? sources[0];
  const [started, submitted] = documentedCommands(location.origin, key !== null);
  return (
    <div class="page guide">
      <header class="page-head">
        <h1>API</h1>
      </header>
      <ul class="link-list">
        <li>
          <a href="/docs">REST endpoints</a> <span class="muted">what can be sent, and what is answered</span>
        </li>
        <li>
          <a href="/graphql">GraphiQL</a> <span class="muted">the graph, with examples to run</span>
        </li>
        <li>
          <a href="/openapi.json">openapi.json</a> <span class="muted">the REST endpoints for machines</span>
        </li>
      </ul>
      <section class="panel">
        <h2>Postback</h2>
        <CodeBlock label="Form Started" code={started} />
        <CodeBlock label="Application Submitted" code={submitted} />
      </section>
      <section class="panel">
        <div class="panel-head">
          <h2>By source</h2>
          {sources.length > 1 && (
            <label class="inline">
              <span>Source</span>
              <select value={source?.id} onChange={(event) => setChosen(event.currentTarget.value)}>
                {sources.map(({ id, name }) => (
                  <option key={id} value={id}>
                    {name}
                  </option>
                ))}
              </select>
            </label>
          )}
        </div>
        {source ? (
          <>
            <p class="muted">
              {source.name}: {rulesOf(source)}. Put the key of the source in the place of YOUR_SOURCE_KEY.
            </p>
            {!(source.enabled && source.attached && source.complianceApproved) && (
              <Notice kind="hint">Until it is approved and enabled, its leads are refused.</Notice>
            )}
            <CodeBlock label={`A lead of ${source.name}`} code={toSourceCurl(source, location.origin)} />
          </>
        ) : (
          <p class="muted">No sources yet.</p>
        )}
      </section>
    </div>
  );
}

/** A lead that the rules of the source let in. */
function toSourceCurl(source: Source, origin: string): string {
  const [state = 'TX'] = source.allowedStates;
  const [product] = source.allowedProducts;
  const body = {
    firstName: 'Jordan',
    lastName: 'Example',
    email: 'jordan@example.com',
    phone: '+15555550123',
    state,
    ...(product !== undefined && { product }),
    ...(source.requiresTrustedForm && { trustedFormUrl: 'https://cert.trustedform.com/example' }),
    externalId: 'partner-lead-88391',
  };
  return `curl -X POST ${origin}/leads/intake \\
  -H "Content-Type: application/json" \\
  -H "X-Leadping-Source-Id: ${source.id}" \\
  -H "X-Leadping-Source-Key: YOUR_SOURCE_KEY" \\
  -d '${JSON.stringify(body, null, 2).replaceAll("'", String.raw`'\''`)}'`;
}
