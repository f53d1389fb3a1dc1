import { flatExample } from '../../../rest-compat/leadping/examples.ts';

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
  let sent = 0;
  return {
    next() {
      const n = sent++;
      const body = JSON.stringify({ ...flatExample, email: `lead${n}.${run}@example.com`, externalId: `${run}-${n}` });
      return Buffer.from(
        `POST /leads/intake HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nX-Leadping-Source-Id: ${source.id}\r\nX-Leadping-Source-Key: ${key}\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
      );
    },
  };
}
