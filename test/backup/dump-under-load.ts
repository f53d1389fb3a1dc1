import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { accountForLog } from '../crash/account-for-log.ts';
import { accountForNumbers } from '../crash/account-for-numbers.ts';
import { accountForWrites } from '../crash/account-for-writes.ts';
import { senderSettings, setUpSenders } from '../crash/access.ts';
import { type Finding, uncontradicted } from '../crash/finding.ts';
import { createLedger, kinds } from '../crash/ledger.ts';
import { progress } from '../crash/report.ts';
import { startSenders } from '../crash/senders.ts';
import { superviseServer } from '../crash/supervised-server.ts';
import { startReceiver } from '../webhooks/receiver.ts';
import { compareDatabases } from './compare-databases.ts';
import { followLog } from './follow-log.ts';
import { checkKeysAndSecrets } from './restored-server.ts';
import type { SystemPostgres } from './system-postgres.ts';

export interface Dumped {
  readonly findings: readonly Finding[];
  readonly figures: Readonly<Record<string, number>>;
}

const secretsKey = 'the secrets key of this run';

/** `pg_dump` of a server that goes on taking leads, restored into a new database that another server then serves. */
export async function dumpUnderLoad(postgres: SystemPostgres, folder: string): Promise<Dumped> {
  const receiver = await startReceiver();
  const serve = (database: string) =>
    superviseServer(
      { DATABASE_URL: postgres.url(database), SECRETS_KEY: secretsKey, DATA_DIR: path.join(folder, database), ...senderSettings },
      path.join(folder, `${database}.log`),
    );
  await postgres.create('original');
  const original = await serve('original');
  try {
    await original.ready();
    const access = await setUpSenders(original.base, receiver.url);
    const ledger = createLedger();
    const senders = startSenders(access, { sendersOfAKind: 4, restMs: 40 }, ledger);
    const acknowledged = async (count: number): Promise<void> => {
      while (ledger.entries.length < count) await sleep(10);
    };
    await acknowledged(300);
    const seen = await followLog(original.base, access.viewer, null, { count: 20 });

    progress('pg_dump');
    const before = ledger.entries.length;
    const began = performance.now();
    const file = path.join(folder, 'leadgraph.dump');
    await postgres.program('pg_dump', ['--format=custom', `--file=${file}`, postgres.url('original')]);
    const dumpMs = Math.round(performance.now() - began);
    const during = ledger.entries.length - before;
    await acknowledged(ledger.entries.length + 100);
    await senders.stop();

    progress('pg_restore into a new database');
    await postgres.create('restored');
    await postgres.program('pg_restore', ['--no-owner', '--exit-on-error', `--dbname=${postgres.url('restored')}`, file]);
    const { head, findings } = await compareDatabases(postgres.url('original'), postgres.url('restored'));
    const held = await inDatabase(postgres.url('restored'), async (client) => [
      ...(await accountForWrites(client, ledger.entries.slice(0, before))).slice(0, kinds.length).map(onlyLosses),
      ...(await accountForLog(client)),
    ]);

    progress('a server over the restored database');
    await original.stop();
    const restored = await serve('restored');
    try {
      await restored.ready();
      const resumed = await followLog(restored.base, access.viewer, seen.cursor, { seq: head });
      const from = (seen.seqs.at(-1) ?? 0) + 1;
      const isWhole = resumed.seqs.length === head - from + 1 && resumed.seqs.every((seq, i) => seq === from + i);
      const keys = await checkKeysAndSecrets(restored.base, access, receiver);
      await caughtUp(postgres.url('restored'));
      return {
        findings: [
          ...findings,
          ...held,
          uncontradicted(
            'a subscription goes on at its cursor',
            resumed.seqs.length,
            isWhole ? [] : [`from ${from}: ${resumed.seqs.join(' ').slice(0, 200)}`],
          ),
          ...keys,
          await accountForNumbers(postgres.url('restored')),
        ],
        figures: {
          changesInDump: head,
          acknowledgedBefore: before,
          acknowledgedDuring: during,
          acknowledged: ledger.entries.length,
          dumpMs,
        },
      };
    } finally {
      await restored.stop();
    }
  } finally {
    await original.stop();
    await receiver.close();
  }
}

/** Acknowledged before the dump began: in it. What came later may be in it or not. */
const onlyLosses = (finding: Finding): Finding => ({
  ...finding,
  promise: `${finding.promise}, acknowledged before`,
  doubled: 0,
  wrong: [],
});

async function inDatabase<Result>(url: string, work: (client: Client) => Promise<Result>): Promise<Result> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

async function caughtUp(url: string): Promise<void> {
  const behind = `SELECT count(*)::int AS n FROM "LogHead" h LEFT JOIN "Rollup" r ON r."accountId" = h."accountId" AND r."isServed" WHERE coalesce(r.seq, 0) < h.seq`;
  const deadline = performance.now() + 30_000;
  const isBehind = () => inDatabase(url, async (client) => (await client.query<{ n: number }>(behind)).rows[0]?.n !== 0);
  while ((await isBehind()) && performance.now() < deadline) await sleep(100);
}
