import type pg from 'pg';
import { countedData } from '../analytics/erased-leads.ts';
import { eraseDeliveries } from '../webhooks/erase-deliveries.ts';

/** The entries stay in their places, with what the numbers count: whoever reads them late comes to the same sums. */
const emptyEntries = `UPDATE "Change" SET summary = 'Erased', previous = NULL, data = ${countedData('data')}
  WHERE "leadId" = ANY($2::uuid[]) AND "accountId" = $1`;

/** Told at commit: what a process keeps of the log in memory is out of date. */
const tell = `SELECT pg_notify('leadgraph_changes', $1::text || ' 0 erased')`;

/** Takes a person out of the log's entries, and out of what is kept of deliveries. The lead itself is removed like any other. */
export async function eraseFromLog(client: pg.ClientBase, accountId: string, leadIds: readonly string[]): Promise<void> {
  for (const leadId of leadIds) await eraseDeliveries(client, accountId, leadId);
  await client.query({ name: 'empty-entries', text: emptyEntries, values: [accountId, leadIds] });
  await client.query({ name: 'tell-of-erasure', text: tell, values: [accountId] });
}
