/**
 * What the numbers keep of an erased lead: all of it. A deletion (`lead.deleted`) restates whatever the lead had counted for; an erasure
 * (`lead.erased`) takes the person away and leaves the counts.
 *
 * How it works: the reader of the log passes over `lead.erased`, so what the lead had come to stays as it stood; it only notes how many leads
 * of a stage are erased, for those who ask how many can still be seen. A reader that comes to the earlier entries only later, and a rebuild,
 * take what they need from the log, so no table has to keep anything. For that, whoever erases
 * - removes the lead and what belongs to it, as a deletion does,
 * - puts `countedData('data')` in the place of the data of each of the lead's entries,
 * - records `lead.erased` once, in the same transaction, its data being the lead's last state reduced by `countedData` as well.
 */
export const erasedType = 'lead.erased';

/** SQL: an entry's data without the person; what is left is what is counted, and by what. Stated in the migration of `rollup_counted`. */
export const countedData = (data: string): string => `rollup_counted(${data})`;
