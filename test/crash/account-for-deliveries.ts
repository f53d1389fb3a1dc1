import type pg from 'pg';
import { compare, type Finding } from './finding.ts';
import type { ToldLog } from './told-log.ts';

/** Each change was told at least once, always under one id, and is marked as delivered. */
export async function accountForDeliveries(client: pg.Client, told: ToldLog): Promise<Finding[]> {
  const changes = await client.query<{ seq: string; id: string }>('SELECT seq, id FROM "Change"');
  const deliveries = await client.query<{ seq: string; status: string }>('SELECT seq, status FROM "Delivery" WHERE seq IS NOT NULL');
  const seqs = changes.rows.map(({ seq }) => seq);
  const entries = [...told.bySeq];
  const ids = entries.flatMap(([, { webhookIds }]) => [...webhookIds]);
  const changeIds = new Map(changes.rows.map(({ seq, id }) => [Number(seq), `chg_${id}`]));
  const wrong = [
    ...entries.flatMap(([seq, { webhookIds }]) => (webhookIds.size === 1 ? [] : [`change ${seq} was told under ${webhookIds.size} ids`])),
    ...entries.flatMap(([seq, { changeId }]) => (changeIds.get(seq) === changeId ? [] : [`what was told as change ${seq} is another one`])),
    ...(new Set(ids).size === ids.length ? [] : ['two changes were told under one id']),
  ];
  const undelivered = deliveries.rows.flatMap(({ seq, status }) =>
    status === 'DELIVERED' ? [] : [`delivery of change ${seq} is ${status}`],
  );
  return [
    compare(
      'deliveries owed',
      seqs,
      deliveries.rows.map(({ seq }) => seq),
      undelivered,
    ),
    compare(
      'changes told to the webhook',
      seqs,
      entries.map(([seq]) => String(seq)),
      wrong,
    ),
  ];
}
