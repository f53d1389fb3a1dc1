import type { Lead, Prisma } from '../../prisma/generated/client/client.ts';
import type { CrmActivityRow } from '../crm/crm-activity.ts';
import type { LeadPart } from './lead-json.ts';
import type { TableName, TableRows } from './tables.ts';

/** What a command may look up or change, so that one statement can load it for a whole batch. */
export interface Touches {
  readonly ids?: readonly string[];
  readonly emailKeys?: readonly string[];
  /** Transaction ids that senders gave to leads. */
  readonly transactionIds?: readonly string[];
  /** Event types whose firings at these leads the command has to know. */
  readonly eventTypeIds?: readonly string[];
  /** Ids of leads whose duplicates the command has to know. */
  readonly duplicatesOf?: readonly string[];
  /** CRM ids by which the command looks for a lead. */
  readonly crmLeadIds?: readonly string[];
  /** CRM ids that the command may give to a lead or a submission: what waits for them is loaded. One that is not named here costs a statement of its own. */
  readonly crmLinks?: readonly string[];
  readonly submissionIds?: readonly string[];
  /** Sources whose counters the command moves. */
  readonly sourceIds?: readonly string[];
  /** What a source calls the lead: earlier leads that it called so are loaded. */
  readonly externalIds?: readonly { readonly sourceId: string; readonly externalId: string }[];
  /** Ids of leads that may be gone, but not from the log. */
  readonly logged?: readonly string[];
}

/** A change as an operation reports it; the log adds seq, id and the time of recording. */
export interface NewChange {
  readonly type: string;
  /** The lead as it stood after this change; for a deletion, before it. */
  readonly lead: Lead;
  readonly origin: string;
  readonly actor: string;
  readonly summary: string;
  /** What this kind of change tells beside the lead. */
  readonly details?: Prisma.InputJsonObject;
  readonly previous?: Prisma.InputJsonObject;
  readonly submissionId?: string;
  readonly stageChangeId?: string;
  readonly crmActivityId?: string;
  readonly leadEventId?: string;
  readonly occurredAt: Date;
  /** What it shows of the lead; absent: everything. */
  readonly shows?: LeadPart;
}

/** The rows of one batch as they stand after the commands before this one, and what this one adds. */
export interface Draft {
  /** Database time of the batch: the same clock for every server process. */
  readonly now: Date;
  readonly leadById: (id: string) => Lead | undefined;
  /** The canonical lead with this normalised email; where there is none, the oldest of the duplicates that have it. */
  readonly leadByEmail: (emailKey: string) => Lead | undefined;
  /** The lead to which a sender gave this transaction id. */
  readonly leadByTransactionId: (transactionId: string) => Lead | undefined;
  /** The oldest lead that the source handed in under this id of its own. */
  readonly leadByExternalId: (sourceId: string, externalId: string) => Lead | undefined;
  /** Leads marked as duplicates of this one, oldest first. */
  readonly duplicatesOf: (id: string) => readonly Lead[];
  /** The lead that the CRM means by this id: the newest that has it, else the lead of the newest submission that has it. */
  readonly leadByCrmId: (crmLeadId: string) => Lead | undefined;
  /** CRM activity of this id that has no lead yet, in order of arrival. */
  readonly waitingFor: (crmLeadId: string) => readonly CrmActivityRow[];
  readonly nextLeadNumber: () => number;
  /** Takes the lead away with everything that belongs to it; the log keeps its entries. */
  readonly removeLead: (lead: Lead) => void;
  /** Takes what the log and the numbers know of a person, leaving what they count. For a command that stands alone. */
  readonly eraseFromLog: (leadId: string) => void;
  /** The number of a lead of which the log still tells something, whether the lead is there or gone. */
  readonly loggedNumber: (leadId: string) => number | undefined;
  /** A row by its key columns, in the order of `tables`, separated by spaces. */
  readonly row: <Name extends TableName>(table: Name, key: string) => TableRows[Name] | undefined;
  /** The rows of a table that were loaded for this batch or put by it. */
  readonly rows: <Name extends TableName>(table: Name) => readonly TableRows[Name][];
  /** Writes a row: a new one, or the next state of one that was loaded. */
  readonly put: <Name extends TableName>(table: Name, row: TableRows[Name]) => void;
  readonly recordChange: (change: NewChange) => void;
}

/** One write, as a pure decision over the rows that it touches. */
export interface Command<Result> {
  readonly operation: string;
  readonly touches: Touches;
  readonly idempotency: { readonly key: string; readonly requestHash: string } | null;
  /** Shares its transaction with no other command: what it does to stored rows must find all of them stored. */
  readonly alone?: true;
  /** Decides and stages. Throws a DomainError to refuse: then nothing that it staged is kept. No I/O, no clock. */
  readonly apply: (draft: Draft) => Result;
}
