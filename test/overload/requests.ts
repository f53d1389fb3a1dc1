import { flatExample } from '../../rest-compat/leadping/examples.ts';

/** The documented flat intake, each for another person, from a source that is made for it. */
export async function leadsOfSource(base: string): Promise<() => string> {
  const query = `mutation { createSource(input: { name: "Flood", complianceApproved: true }) { ... on CreateSourceSuccess { key source { id } } } }`;
  const headers = { 'content-type': 'application/json' };
  const response = await fetch(`${base}/graphql`, { method: 'POST', headers, body: JSON.stringify({ query }) });
  const { data } = (await response.json()) as { data: { createSource: { key: string; source: { id: string } } } };
  const { key, source } = data.createSource;
  const credential = `X-Leadping-Source-Id: ${source.id}\r\nX-Leadping-Source-Key: ${key}\r\n`;
  const { email: _, externalId: __, ...others } = flatExample;
  // Writing a whole lead anew each time would take from the server what the flood is to take.
  const rest = JSON.stringify(others).slice(1);
  let people = 0;
  return () => {
    people += 1;
    return post('/leads/intake', credential, `{"email":"lead${people}@example.com","externalId":"flood-${people}",${rest}`);
  };
}

export function createPostbacks(): () => string {
  let people = 0;
  return () => {
    people += 1;
    return post('/api/postback', '', `{"email":"person${people}@example.com","first_name":"Pat","stage":"Form Started","source":"google"}`);
  };
}

/** The same over the graph, where a request has to be parsed before anybody knows what it asks. */
export function createMutations(): () => string {
  const query =
    'mutation ($input: RecordPostbackInput!) { recordPostback(input: $input) { __typename ... on RecordPostbackSuccess { lead { id number } } ... on Error { code } } }';
  let people = 0;
  return () => {
    people += 1;
    const input = { email: `reader${people}@example.com`, firstName: 'Pat', stage: 'Form Started', source: 'google' };
    return post('/graphql', '', JSON.stringify({ query, variables: { input } }));
  };
}

const post = (path: string, headers: string, body: string): string =>
  `POST ${path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n${headers}Content-Length: ${body.length}\r\n\r\n${body}`;
