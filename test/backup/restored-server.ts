import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Webhook } from 'standardwebhooks';
import { type Finding, uncontradicted } from '../crash/finding.ts';
import type { Access } from '../crash/access.ts';
import { header, type Receiver } from '../webhooks/receiver.ts';
import type { Json } from '../support/app.ts';

/** What callers hold on to must go on working on a server that was restored: keys, and the secret that deliveries are signed with. */
export async function checkKeysAndSecrets(base: string, access: Access, receiver: Receiver): Promise<Finding[]> {
  const post = async (path: string, headers: Readonly<Record<string, string>>, body: object): Promise<{ status: number; body: Json }> => {
    const response = await fetch(`${base}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
    });
    return { status: response.status, body: await response.json() };
  };
  const read = await post('/graphql', access.viewer, { query: '{ viewer { kind } leads(first: 1) { totalCount } }' });
  const wrong = await post('/graphql', { 'x-api-key': 'not a key' }, { query: '{ leads(first: 1) { totalCount } }' });
  const lead = { firstName: 'Ira', email: `${randomUUID()}@restored.test`, trustedFormUrl: 'https://cert.trustedform.com/example' };
  const handedIn = await post('/leads/intake', access.source, lead);
  return [
    uncontradicted('API keys', 1, read.body.data?.leads?.totalCount > 0 ? [] : [JSON.stringify(read.body)]),
    uncontradicted('no other key', 1, wrong.body.data?.leads ? ['a wrong key was let in'] : []),
    uncontradicted('keys of sources', 1, handedIn.status < 300 ? [] : [JSON.stringify(handedIn)]),
    uncontradicted('secrets of webhooks', 1, await checkSignature(access, receiver, lead.email)),
  ];
}

async function checkSignature({ webhookSecret }: Access, receiver: Receiver, email: string): Promise<string[]> {
  for (const deadline = performance.now() + 60_000; performance.now() < deadline; await sleep(50)) {
    const call = receiver.calls.find(({ body }) => body.includes(email));
    if (!call) continue;
    const names = ['webhook-id', 'webhook-timestamp', 'webhook-signature'];
    const headers = Object.fromEntries(names.map((name) => [name, header(call, name)]));
    try {
      new Webhook(webhookSecret).verify(call.body, headers);
      return [];
    } catch (error) {
      return [`the signature is wrong: ${error instanceof Error ? error.message : String(error)}`];
    }
  }
  return ['nothing was delivered'];
}
