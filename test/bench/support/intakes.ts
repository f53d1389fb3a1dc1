import { flatExample } from '../../../rest-compat/leadping/examples.ts';
import { postJson } from './load.ts';

/** The documented flat intake, each under an email and an external id of its own, from a source that is made for the run. */
export async function createIntakes(run: string, port: number): Promise<{ readonly next: () => Buffer }> {
  const response = await fetch(`http://127.0.0.1:${port}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      query: `mutation { createSource(input: { name: "Bench", complianceApproved: true }) { ... on CreateSourceSuccess { key source { id } } } }`,
    }),
  });
  const { data } = (await response.json()) as { data: { createSource: { key: string; source: { id: string } } } };
  const { key, source } = data.createSource;
  const credential = `X-Leadping-Source-Id: ${source.id}\r\nX-Leadping-Source-Key: ${key}\r\n`;
  // Writing a whole lead anew each time would take from the server what the load is to take.
  const { email: _, externalId: __, ...others } = flatExample;
  const rest = JSON.stringify(others).slice(1);
  let sent = 0;
  return {
    next() {
      const n = sent++;
      const body = `{"email":"lead${n}.${run}@example.com","externalId":"${run}-${n}",${rest}`;
      return postJson('/leads/intake', body, credential);
    },
  };
}
