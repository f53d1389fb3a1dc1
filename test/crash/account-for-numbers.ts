import { isDeepStrictEqual } from 'node:util';
import { PrismaPg } from '@prisma/adapter-pg';
import { PrismaClient } from '../../prisma/generated/client/client.ts';
import { type Cells, readKept, recount } from '../analytics/recount.ts';
import { type Finding, uncontradicted } from './finding.ts';

/** The numbers that are kept are those that counting everything again gives. */
export async function accountForNumbers(url: string): Promise<Finding> {
  const db = new PrismaClient({ adapter: new PrismaPg({ connectionString: url }) });
  try {
    const [account] = await db.account.findMany();
    if (!account) return uncontradicted('numbers of analytics', 0, ['there is no account']);
    const [counted, kept] = [await recount(db, account.id), await readKept(db, account.id)];
    const cells = Object.keys(counted.tuples).length + Object.keys(counted.cells).length;
    return uncontradicted('numbers of analytics', cells, [
      ...differences(counted.tuples, kept.tuples),
      ...differences(counted.cells, kept.cells),
    ]);
  } finally {
    await db.$disconnect();
  }
}

function differences(counted: Cells, kept: Cells): string[] {
  const keys = new Set([...Object.keys(counted), ...Object.keys(kept)]);
  return [...keys].flatMap((key) =>
    isDeepStrictEqual(counted[key], kept[key])
      ? []
      : [`${key}: kept ${JSON.stringify(kept[key])}, counted ${JSON.stringify(counted[key])}`],
  );
}
