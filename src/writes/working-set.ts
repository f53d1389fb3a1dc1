import type { Lead } from '../../prisma/generated/client/client.ts';
import type { Draft, NewChange } from './draft.ts';
import { keyOf, type TableName, type TableRows, tables } from './tables.ts';

export interface NumberedChange extends NewChange {
  readonly seq: number;
}

export interface Head {
  readonly seq: number;
  readonly leadNumber: number;
  readonly now: Date;
}

/** Rows of one table by their key. */
type Rows<Name extends TableName> = Map<string, TableRows[Name]>;
type RowSet = { [Name in TableName]?: Rows<Name> };

interface Staged {
  readonly rows: RowSet;
  readonly removed: Set<string>;
  readonly changes: NewChange[];
  leadNumber: number;
}

export interface TableWrites<Name extends TableName> {
  readonly inserted: readonly TableRows[Name][];
  readonly updated: readonly TableRows[Name][];
}

/** The rows of one batch in memory: loaded once, changed by one command after another, written once. */
export class WorkingSet {
  readonly now: Date;
  readonly changes: NumberedChange[] = [];
  seq: number;
  leadNumber: number;
  readonly #loaded: RowSet = {};
  readonly #rows: RowSet = {};
  readonly #removed = new Set<string>();
  /** Ids of canonical leads by email, kept in step with every merge. */
  readonly #byEmail = new Map<string, string>();
  readonly #byTransactionId = new Map<string, string>();

  constructor({ seq, leadNumber, now }: Head) {
    this.seq = seq;
    this.leadNumber = leadNumber;
    this.now = now;
  }

  load<Name extends TableName>(name: Name, rows: readonly TableRows[Name][]): void {
    for (const row of rows) {
      put(this.#loaded, name, row);
      put(this.#rows, name, row);
    }
    if (name === 'Lead') for (const lead of rows as readonly Lead[]) this.#index(lead);
  }

  /** Runs one command's decision; what it staged is kept only if it returns. */
  run<Result>(apply: (draft: Draft) => Result): Result {
    const staged: Staged = { rows: {}, removed: new Set(), changes: [], leadNumber: this.leadNumber };
    const result = apply(this.#draft(staged));
    this.#merge(staged);
    return result;
  }

  /** What has to be written of a table, each row once and in its final state. */
  writes<Name extends TableName>(name: Name): TableWrites<Name> {
    const inserted: TableRows[Name][] = [];
    const updated: TableRows[Name][] = [];
    const loaded: Rows<Name> | undefined = this.#loaded[name];
    const rows: Rows<Name> | undefined = this.#rows[name];
    for (const [key, row] of rows ?? []) {
      const before = loaded?.get(key);
      if (before === undefined) inserted.push(row);
      else if (before !== row) updated.push(row);
    }
    return { inserted, updated };
  }

  /** Whether there is anything to write. */
  get isChanged(): boolean {
    return this.changes.length > 0 || (Object.keys(this.#rows) as TableName[]).some((name) => hasRows(this.writes(name)));
  }

  /** Leads that were stored before this batch and are not any more. */
  removedLeadIds(): readonly string[] {
    return [...this.#removed].filter((id) => this.#loaded.Lead?.has(id));
  }

  /** Whether a command of this batch removed the lead. */
  isRemoved(leadId: string | null): boolean {
    return leadId !== null && this.#removed.has(leadId);
  }

  loadedLead(id: string): Lead | undefined {
    return this.#loaded.Lead?.get(id);
  }

  #draft(staged: Staged): Draft {
    const leadById = (id: string): Lead | undefined =>
      staged.removed.has(id) ? undefined : (staged.rows.Lead?.get(id) ?? this.#rows.Lead?.get(id));
    const rowsOf = <Name extends TableName>(name: Name): readonly TableRows[Name][] => {
      const kept: Rows<Name> | undefined = this.#rows[name];
      const added: Rows<Name> | undefined = staged.rows[name];
      return [...new Map([...(kept ?? []), ...(added ?? [])]).values()];
    };
    return {
      now: this.now,
      leadById,
      leadByEmail: (emailKey) => {
        for (const lead of staged.rows.Lead?.values() ?? []) if (isCanonical(lead) && lead.emailKey === emailKey) return leadById(lead.id);
        const id = this.#byEmail.get(emailKey);
        const lead = id === undefined ? undefined : leadById(id);
        return lead?.emailKey === emailKey ? lead : undefined;
      },
      leadByTransactionId: (transactionId) => {
        for (const lead of staged.rows.Lead?.values() ?? []) if (lead.transactionId === transactionId) return leadById(lead.id);
        const id = this.#byTransactionId.get(transactionId);
        const lead = id === undefined ? undefined : leadById(id);
        return lead?.transactionId === transactionId ? lead : undefined;
      },
      duplicatesOf: (id) =>
        rowsOf('Lead')
          .filter((lead) => lead.duplicateOfId === id && !staged.removed.has(lead.id))
          .sort((a, b) => a.number - b.number),
      nextLeadNumber: () => (staged.leadNumber += 1),
      removeLead: (lead) => void staged.removed.add(lead.id),
      row: (name, key) => {
        const added: Rows<typeof name> | undefined = staged.rows[name];
        const kept: Rows<typeof name> | undefined = this.#rows[name];
        return added?.get(key) ?? kept?.get(key);
      },
      rows: rowsOf,
      put: (name, row) => put(staged.rows, name, row),
      recordChange: (change) => staged.changes.push(change),
    };
  }

  #merge(staged: Staged): void {
    this.leadNumber = staged.leadNumber;
    for (const lead of staged.rows.Lead?.values() ?? []) {
      this.#forgetEmail(lead.id);
      this.#index(lead);
    }
    for (const name of Object.keys(staged.rows) as TableName[]) this.#mergeTable(name, staged.rows);
    for (const id of staged.removed) this.#remove(id);
    for (const change of staged.changes) this.changes.push({ ...change, seq: (this.seq += 1) });
  }

  #mergeTable<Name extends TableName>(name: Name, staged: RowSet): void {
    const rows: Rows<Name> | undefined = staged[name];
    for (const row of rows?.values() ?? []) put(this.#rows, name, row);
  }

  /** A lead that goes takes along what this batch gave it. What was stored before goes by the database's own statement. */
  #remove(leadId: string): void {
    this.#forgetEmail(leadId);
    this.#removed.add(leadId);
    this.#rows.Lead?.delete(leadId);
    for (const name of Object.keys(tables) as TableName[]) if (tables[name].ofLead) this.#dropRowsOf(name, leadId);
  }

  #dropRowsOf(name: TableName, leadId: string): void {
    const rows = this.#rows[name];
    for (const [key, row] of rows ?? []) if ('leadId' in row && row.leadId === leadId) rows?.delete(key);
  }

  #index(lead: Lead): void {
    if (isCanonical(lead)) this.#byEmail.set(lead.emailKey, lead.id);
    if (lead.transactionId !== null) this.#byTransactionId.set(lead.transactionId, lead.id);
  }

  #forgetEmail(leadId: string): void {
    const before = this.#rows.Lead?.get(leadId);
    if (before && isCanonical(before) && this.#byEmail.get(before.emailKey) === leadId) this.#byEmail.delete(before.emailKey);
  }
}

const hasRows = ({ inserted, updated }: TableWrites<TableName>): boolean => inserted.length + updated.length > 0;

function put<Name extends TableName>(set: RowSet, name: Name, row: TableRows[Name]): void {
  const rows: Rows<Name> = set[name] ?? (set[name] = new Map() as RowSet[Name] & Rows<Name>);
  rows.set(keyOf(tables[name], row), row);
}

function isCanonical(lead: Lead): lead is Lead & { emailKey: string } {
  return lead.emailKey !== null && lead.duplicateOfId === null;
}
