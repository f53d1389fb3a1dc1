import type { Lead, StageChange, Submission } from '../../prisma/generated/client/client.ts';
import type { Draft, NewChange } from './draft.ts';

export interface NumberedChange extends NewChange {
  readonly seq: number;
}

interface Staged {
  readonly leads: Map<string, Lead | null>;
  readonly submissions: Submission[];
  readonly stageChanges: StageChange[];
  readonly changes: NewChange[];
  leadNumber: number;
}

/** The rows of one batch in memory: loaded once, changed by one command after another, written once. */
export class WorkingSet {
  readonly now: Date;
  readonly submissions: Submission[] = [];
  readonly stageChanges: StageChange[] = [];
  readonly changes: NumberedChange[] = [];
  seq: number;
  leadNumber: number;
  readonly #loaded = new Map<string, Lead>();
  readonly #leads = new Map<string, Lead | null>();
  /** Ids of canonical leads by email, kept in step with every merge. */
  readonly #byEmail = new Map<string, string>();

  constructor(head: { readonly seq: number; readonly leadNumber: number; readonly now: Date }, leads: readonly Lead[]) {
    this.seq = head.seq;
    this.leadNumber = head.leadNumber;
    this.now = head.now;
    for (const lead of leads) {
      this.#loaded.set(lead.id, lead);
      this.#leads.set(lead.id, lead);
      if (isCanonical(lead)) this.#byEmail.set(lead.emailKey, lead.id);
    }
  }

  /** Runs one command's decision; what it staged is kept only if it returns. */
  run<Result>(apply: (draft: Draft) => Result): Result {
    const staged: Staged = { leads: new Map(), submissions: [], stageChanges: [], changes: [], leadNumber: this.leadNumber };
    const result = apply(this.#draft(staged));
    this.#merge(staged);
    return result;
  }

  /** What has to be written, each lead once and in its final state. */
  leadWrites(): { readonly inserted: readonly Lead[]; readonly updated: readonly Lead[]; readonly removedIds: readonly string[] } {
    const inserted: Lead[] = [];
    const updated: Lead[] = [];
    const removedIds: string[] = [];
    for (const [id, lead] of this.#leads) {
      const before = this.#loaded.get(id);
      if (lead === null) {
        if (before) removedIds.push(id);
      } else if (!before) inserted.push(lead);
      else if (before !== lead) updated.push(lead);
    }
    return { inserted, updated, removedIds };
  }

  /** The seq of the change that last altered each lead of this batch. */
  lastSeqs(): ReadonlyMap<string, number> {
    return new Map(this.changes.map((change) => [change.lead.id, change.seq]));
  }

  /** Whether a command of this batch removed the lead. */
  isRemoved(id: string | null): boolean {
    return id !== null && this.#leads.get(id) === null;
  }

  loadedLead(id: string): Lead | undefined {
    return this.#loaded.get(id);
  }

  #draft(staged: Staged): Draft {
    const find = (id: string): Lead | undefined => (staged.leads.has(id) ? staged.leads.get(id) : this.#leads.get(id)) ?? undefined;
    return {
      now: this.now,
      leadById: find,
      leadByEmail: (emailKey) => {
        for (const lead of staged.leads.values()) if (lead && isCanonical(lead) && lead.emailKey === emailKey) return lead;
        const id = this.#byEmail.get(emailKey);
        const lead = id === undefined ? undefined : find(id);
        return lead?.emailKey === emailKey ? lead : undefined;
      },
      duplicatesOf: (id) =>
        [...new Map([...this.#leads, ...staged.leads]).values()]
          .filter((lead): lead is Lead => lead?.duplicateOfId === id)
          .sort((a, b) => a.number - b.number),
      nextLeadNumber: () => (staged.leadNumber += 1),
      putLead: (lead) => staged.leads.set(lead.id, lead),
      removeLead: (lead) => staged.leads.set(lead.id, null),
      addSubmission: (submission) => staged.submissions.push(submission),
      addStageChange: (stageChange) => staged.stageChanges.push(stageChange),
      recordChange: (change) => staged.changes.push(change),
    };
  }

  #merge(staged: Staged): void {
    this.leadNumber = staged.leadNumber;
    for (const [id, lead] of staged.leads) {
      const before = this.#leads.get(id);
      if (before && isCanonical(before) && this.#byEmail.get(before.emailKey) === id) this.#byEmail.delete(before.emailKey);
      if (lead && isCanonical(lead)) this.#byEmail.set(lead.emailKey, id);
      this.#leads.set(id, lead);
    }
    const removed = new Set([...staged.leads].filter(([, lead]) => lead === null).map(([id]) => id));
    if (removed.size > 0) this.#forget(removed);
    this.submissions.push(...staged.submissions);
    this.stageChanges.push(...staged.stageChanges);
    for (const change of staged.changes) this.changes.push({ ...change, seq: (this.seq += 1) });
  }

  /** A lead that is removed in the batch that filled its history takes that history with it. */
  #forget(leadIds: ReadonlySet<string>): void {
    const kept = <Row extends { leadId: string | null }>(row: Row): boolean => row.leadId === null || !leadIds.has(row.leadId);
    this.submissions.splice(0, this.submissions.length, ...this.submissions.filter(kept));
    this.stageChanges.splice(0, this.stageChanges.length, ...this.stageChanges.filter(kept));
  }
}

function isCanonical(lead: Lead): lead is Lead & { emailKey: string } {
  return lead.emailKey !== null && lead.duplicateOfId === null;
}
