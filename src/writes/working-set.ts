import type { Lead } from '../../prisma/generated/client/client.ts';
import { bindWaiting } from '../crm/bind-waiting.ts';
import type { CrmActivityRow } from '../crm/crm-activity.ts';
import { CrmIndex, type SubmissionLink } from './crm-index.ts';
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

/**
 * An earlier command of the batch took away what a key led to, and what the key leads to then was not loaded. Commands that meet this are decided
 * each in a transaction of its own.
 */
class LookupStale extends Error {
  constructor() {
    super('an earlier command of the batch changed what this one looks up');
    this.name = 'LookupStale';
  }
}

/** Rows of one table by their key. */
type Rows<Name extends TableName> = Map<string, TableRows[Name]>;
type RowSet = { [Name in TableName]?: Rows<Name> };

interface Staged {
  readonly rows: RowSet;
  readonly removed: Set<string>;
  readonly erased: Set<string>;
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
  readonly #erased = new Set<string>();
  readonly #loggedNumbers = new Map<string, number>();
  /** Ids of canonical leads by email, kept in step with every merge. */
  readonly #byEmail = new Map<string, string>();
  /** Ids of the oldest duplicates by email. */
  readonly #duplicateByEmail = new Map<string, string>();
  /** Keys that led to a lead before a command of this batch: `email ...`, `external ...`, `crm ...`. */
  readonly #left = new Set<string>();
  readonly #crm = new CrmIndex();
  readonly #byTransactionId = new Map<string, string>();
  /** Ids of the first leads that sources handed in under ids of their own. */
  readonly #byExternalId = new Map<string, string>();

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

  /** Submissions that have CRM ids, without the rest of them. */
  loadSubmissionLinks(links: readonly SubmissionLink[]): void {
    for (const link of links) this.#crm.noteSubmission(link);
  }

  /** What waits for these CRM ids. */
  loadWaiting(crmLeadIds: readonly string[], rows: readonly CrmActivityRow[]): void {
    // A command before this one may have bound what the database still shows as waiting.
    const news = rows.filter(({ id }) => !this.#loaded.CrmActivity?.has(id));
    this.load('CrmActivity', news);
    for (const row of news) this.#crm.noteActivity(row);
    for (const crmLeadId of crmLeadIds) this.#crm.noteLoaded(crmLeadId);
  }

  /** Leads of which the log tells something, with their numbers. */
  loadLogged(leads: readonly { readonly id: string; readonly number: number }[]): void {
    for (const { id, number } of leads) this.#loggedNumbers.set(id, number);
  }

  /** Runs one command's decision; what it staged is kept only if it returns. */
  run<Result>(apply: (draft: Draft) => Result): Result {
    const staged: Staged = { rows: {}, removed: new Set(), erased: new Set(), changes: [], leadNumber: this.leadNumber };
    const draft = this.#draft(staged);
    const result = apply(draft);
    bindWaiting(draft, this.#newCrmIds(staged));
    this.#merge(staged);
    return result;
  }

  /** CRM ids that a command gave to leads or submissions which did not have them. */
  #newCrmIds({ rows }: Staged): readonly string[] {
    const ids = new Set<string>();
    for (const { id, crmLeadId } of rows.Lead?.values() ?? [])
      if (crmLeadId !== null && this.#rows.Lead?.get(id)?.crmLeadId !== crmLeadId) ids.add(crmLeadId);
    for (const [key, { crmLeadId, leadId }] of rows.Submission ?? [])
      if (crmLeadId !== null && leadId !== null && this.#rows.Submission?.get(key)?.crmLeadId !== crmLeadId) ids.add(crmLeadId);
    return [...ids];
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

  /** Leads that the log has to forget. */
  erasedLeadIds(): readonly string[] {
    return [...this.#erased];
  }

  /** CRM activity that waited before this batch, and went with a lead that had it for a moment. */
  abandonedCrmActivityIds(): readonly string[] {
    return [...(this.#loaded.CrmActivity?.keys() ?? [])].filter((id) => !this.#rows.CrmActivity?.has(id));
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
        const withEmail = (id: string | undefined): Lead | undefined => {
          const lead = id === undefined ? undefined : leadById(id);
          return lead?.emailKey === emailKey ? lead : undefined;
        };
        const canonical = withEmail(this.#byEmail.get(emailKey));
        if (!canonical) this.#assertNotLeft(`email ${emailKey}`);
        return canonical ?? withEmail(this.#duplicateByEmail.get(emailKey));
      },
      leadByTransactionId: (transactionId) => {
        for (const lead of staged.rows.Lead?.values() ?? []) if (lead.transactionId === transactionId) return leadById(lead.id);
        const id = this.#byTransactionId.get(transactionId);
        const lead = id === undefined ? undefined : leadById(id);
        return lead?.transactionId === transactionId ? lead : undefined;
      },
      leadByExternalId: (sourceId, externalId) => {
        const key = toExternalKey(sourceId, externalId);
        this.#assertNotLeft(`external ${key}`);
        const id = this.#byExternalId.get(key);
        return id === undefined ? undefined : leadById(id);
      },
      leadByCrmId: (crmLeadId) => {
        this.#assertNotLeft(`crm ${crmLeadId}`);
        const ids = [...(staged.rows.Lead?.keys() ?? []), ...this.#crm.leadIds(crmLeadId)];
        const leads = ids.map(leadById).filter((lead) => lead?.crmLeadId === crmLeadId);
        const newest = leads.reduce((best, lead) => (best && lead && best.number > lead.number ? best : lead), undefined);
        return newest ?? this.#leadBySubmission(crmLeadId, staged, leadById);
      },
      waitingFor: (crmLeadId) => {
        const known = this.#crm.waitingIds(crmLeadId);
        const ids = new Set([...(staged.rows.CrmActivity?.keys() ?? []), ...known]);
        return [...ids]
          .map((id) => staged.rows.CrmActivity?.get(id) ?? this.#rows.CrmActivity?.get(id))
          .filter((row) => row !== undefined)
          .filter((row) => row.crmLeadId === crmLeadId && row.leadId === null)
          .sort((a, b) => (a.id < b.id ? -1 : 1));
      },
      duplicatesOf: (id) =>
        rowsOf('Lead')
          .filter((lead) => lead.duplicateOfId === id && !staged.removed.has(lead.id))
          .sort((a, b) => a.number - b.number),
      nextLeadNumber: () => (staged.leadNumber += 1),
      removeLead: (lead) => void staged.removed.add(lead.id),
      eraseFromLog: (leadId) => void staged.erased.add(leadId),
      loggedNumber: (leadId) => this.#loggedNumbers.get(leadId),
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

  #leadBySubmission(crmLeadId: string, staged: Staged, leadById: Draft['leadById']): Lead | undefined {
    const submissions = new Map(this.#crm.submissions(crmLeadId).map((link): [string, SubmissionLink] => [link.id, link]));
    for (const submission of staged.rows.Submission?.values() ?? []) submissions.set(submission.id, submission);
    const [newest] = [...submissions.values()]
      .filter((link) => link.crmLeadId === crmLeadId && link.leadId !== null && leadById(link.leadId) !== undefined)
      .sort((a, b) => (a.id < b.id ? 1 : -1));
    return newest?.leadId == null ? undefined : leadById(newest.leadId);
  }

  #merge(staged: Staged): void {
    this.leadNumber = staged.leadNumber;
    for (const submission of staged.rows.Submission?.values() ?? []) {
      const before = this.#rows.Submission?.get(submission.id)?.crmLeadId ?? null;
      if (before !== null && before !== submission.crmLeadId) this.#left.add(`crm ${before}`);
      this.#crm.noteSubmission(submission);
    }
    for (const activity of staged.rows.CrmActivity?.values() ?? []) this.#crm.noteActivity(activity);
    for (const lead of staged.rows.Lead?.values() ?? []) {
      this.#noteLeft(lead.id, lead);
      this.#forgetEmail(lead.id);
      this.#index(lead);
    }
    for (const name of Object.keys(staged.rows) as TableName[])
      for (const row of staged.rows[name]?.values() ?? []) put(this.#rows, name, row);
    for (const id of staged.removed) this.#remove(id);
    for (const id of staged.erased) this.#erased.add(id);
    for (const change of staged.changes) this.changes.push({ ...change, seq: (this.seq += 1) });
  }

  /** A lead that goes takes along what this batch gave it. What was stored before goes by the database's own statement. */
  #remove(leadId: string): void {
    this.#noteLeft(leadId, null);
    for (const { crmLeadId } of this.#crm.submissionsOf(leadId)) this.#left.add(`crm ${crmLeadId}`);
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
    else if (lead.emailKey !== null) this.#indexDuplicate(lead, lead.emailKey);
    if (lead.transactionId !== null) this.#byTransactionId.set(lead.transactionId, lead.id);
    this.#crm.noteLead(lead);
    this.#indexExternalId(lead);
  }

  #indexExternalId({ id, number, sourceId, externalId }: Lead): void {
    if (sourceId === null || externalId === null) return;
    const key = toExternalKey(sourceId, externalId);
    const known = this.#rows.Lead?.get(this.#byExternalId.get(key) ?? '');
    if (!known || known.externalId !== externalId || known.number > number) this.#byExternalId.set(key, id);
  }

  #indexDuplicate({ id, number }: Lead, emailKey: string): void {
    const known = this.#rows.Lead?.get(this.#duplicateByEmail.get(emailKey) ?? '');
    if (!known || known.emailKey !== emailKey || known.number > number) this.#duplicateByEmail.set(emailKey, id);
  }

  /** Notes the keys by which a lead is not found any more. */
  #noteLeft(leadId: string, after: Lead | null): void {
    const before = this.#rows.Lead?.get(leadId);
    if (!before) return;
    const { emailKey, sourceId, externalId, crmLeadId } = before;
    if (emailKey !== null && emailKey !== after?.emailKey) this.#left.add(`email ${emailKey}`);
    if (crmLeadId !== null && crmLeadId !== after?.crmLeadId) this.#left.add(`crm ${crmLeadId}`);
    if (sourceId !== null && externalId !== null && externalId !== after?.externalId)
      this.#left.add(`external ${toExternalKey(sourceId, externalId)}`);
  }

  #assertNotLeft(key: string): void {
    if (this.#left.has(key)) throw new LookupStale();
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

const toExternalKey = (sourceId: string, externalId: string): string => `${sourceId} ${externalId}`;

function isCanonical(lead: Lead): lead is Lead & { emailKey: string } {
  return lead.emailKey !== null && lead.duplicateOfId === null;
}
