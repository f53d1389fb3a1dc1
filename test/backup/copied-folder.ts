import { cpSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { senderSettings, setUpSenders } from '../crash/access.ts';
import { type Finding, uncontradicted } from '../crash/finding.ts';
import { createLedger } from '../crash/ledger.ts';
import { startSenders } from '../crash/senders.ts';
import { superviseServer } from '../crash/supervised-server.ts';
import { startReceiver } from '../webhooks/receiver.ts';
import { checkKeysAndSecrets } from './restored-server.ts';

const serve = (dataDir: string) => superviseServer({ DATA_DIR: dataDir, ...senderSettings }, `${dataDir}.log`);

/** The embedded database: the server is stopped, its DATA_DIR copied, and another server started on the copy. */
export async function copyFolder(folder: string): Promise<Finding[]> {
  const [first, second] = [path.join(folder, 'first'), path.join(folder, 'second')];
  mkdirSync(first);
  const receiver = await startReceiver();
  try {
    const original = await serve(first);
    await original.ready();
    const access = await setUpSenders(original.base, receiver.url);
    const ledger = createLedger();
    const senders = startSenders(access, { sendersOfAKind: 2, restMs: 20 }, ledger);
    while (ledger.entries.length < 200) await sleep(10);
    await senders.stop();
    const count = await countLeads(original.base, access.viewer);
    await original.stop();
    cpSync(first, second, { recursive: true });

    const copy = await serve(second);
    try {
      await copy.ready();
      const copied = await countLeads(copy.base, access.viewer);
      return [
        uncontradicted('leads of the copied folder', copied, copied === count ? [] : [`${copied} of ${count}`]),
        ...(await checkKeysAndSecrets(copy.base, access, receiver)),
      ];
    } finally {
      await copy.stop();
    }
  } finally {
    await receiver.close();
  }
}

async function countLeads(base: string, key: Readonly<Record<string, string>>): Promise<number> {
  const response = await fetch(`${base}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...key },
    body: JSON.stringify({ query: '{ leads(first: 1) { totalCount } }' }),
  });
  return Number((await response.json()).data?.leads?.totalCount);
}
