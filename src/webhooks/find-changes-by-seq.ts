import type { Change } from '../../prisma/generated/client/client.ts';
import type { Context } from '../context.ts';

/** The changes that deliveries tell, in the order of the seqs. */
export async function loadChangesBySeq(
  { database }: Pick<Context, 'database'>,
  accountId: string,
  seqs: readonly bigint[],
): Promise<(Change | null)[]> {
  const { rows } = await database.readPool.query<Change>({
    name: 'changes-by-seq',
    text: 'SELECT * FROM "Change" WHERE "accountId" = $1 AND seq = ANY($2::bigint[])',
    values: [accountId, seqs],
  });
  const bySeq = new Map(rows.map((row) => [row.seq, row]));
  return seqs.map((seq) => bySeq.get(seq) ?? null);
}
