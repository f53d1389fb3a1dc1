import { postJson } from '../bench/support/load.ts';

/** Of a new person each. */
export function smallPostbacks(): () => Buffer {
  let people = 0;
  return () => {
    people += 1;
    return postJson('/api/postback', `{"email":"person${people}@example.com","first_name":"Pat","stage":"Form Started","source":"google"}`);
  };
}

/** The same over the graph, where a request has to be parsed before anybody knows what it asks. */
export function mutations(): () => Buffer {
  const query =
    'mutation ($input: RecordPostbackInput!) { recordPostback(input: $input) { __typename ... on RecordPostbackSuccess { lead { id number } } ... on Error { code } } }';
  let people = 0;
  return () => {
    people += 1;
    const input = { email: `reader${people}@example.com`, firstName: 'Pat', stage: 'Form Started', source: 'google' };
    return postJson('/graphql', JSON.stringify({ query, variables: { input } }));
  };
}

/** A page of a list, as a frontend or a report asks for it again and again. */
export function pages(): () => Buffer {
  const query =
    'query ($first: Int) { leads(first: $first) { nodes { id number email firstName stage { name } createdAt stageHistory(last: 3) { nodes { toStage occurredAt } } } } }';
  const page = postJson('/graphql', JSON.stringify({ query, variables: { first: 20 } }));
  return () => page;
}
