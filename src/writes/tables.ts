import {
  type CertificateCheck,
  type Change,
  type Conversation,
  type EventFiring,
  type IdempotencyRecord,
  type Lead,
  type LeadEvent,
  type LedgerEntry,
  Prisma,
  type SourceDay,
  type SourceStats,
  type StageChange,
  type Submission,
} from '../../prisma/generated/client/client.ts';
import type { CrmActivityRow } from '../crm/crm-activity.ts';
import { type Column, toArrayText } from '../platform/columns.ts';

/** The tables that a batch may write, with the PostgreSQL types of their columns. The compiler keeps each list complete. */

type Types<Row> = { readonly [Name in keyof Row]: string };

const leadTypes: Types<Lead> = {
  id: 'uuid',
  accountId: 'uuid',
  number: 'int',
  stage: 'text',
  email: 'text',
  emailKey: 'text',
  firstName: 'text',
  lastName: 'text',
  phone: 'text',
  phoneE164: 'text',
  company: 'text',
  position: 'text',
  website: 'text',
  twitter: 'text',
  linkedin: 'text',
  notes: 'text',
  score: 'int',
  address: 'jsonb',
  birthDate: 'date',
  gender: 'text',
  sourceName: 'text',
  sourceId: 'uuid',
  campaignName: 'text',
  domain: 'text',
  utmSource: 'text',
  utmMedium: 'text',
  utmCampaign: 'text',
  utmTerm: 'text',
  utmContent: 'text',
  referrer: 'text',
  landingPage: 'text',
  ipAddress: 'text',
  userAgent: 'text',
  browser: 'text',
  deviceType: 'text',
  formPercent: 'float8',
  formCompleted: 'int',
  formTotal: 'int',
  customData: 'jsonb',
  tags: 'text[]',
  externalId: 'text',
  sellerLeadId: 'text',
  product: 'text',
  trustedFormUrl: 'text',
  trustedFormStatus: 'text',
  phoneLookup: 'jsonb',
  price: 'numeric',
  crmLeadId: 'text',
  transactionId: 'text',
  cost: 'numeric',
  adSpend: 'numeric',
  revenue: 'numeric',
  payout: 'numeric',
  duplicateOfId: 'uuid',
  createdAt: 'timestamptz',
  updatedAt: 'timestamptz',
  lastSeq: 'int8',
};

const submissionTypes: Types<Submission> = {
  id: 'uuid',
  accountId: 'uuid',
  leadId: 'uuid',
  sourceId: 'uuid',
  dialect: 'text',
  actor: 'text',
  outcome: '"SubmissionOutcome"',
  fields: 'json',
  reasons: 'text[]',
  body: 'json',
  ipAddress: 'text',
  userAgent: 'text',
  crmLeadId: 'text',
  receivedAt: 'timestamptz',
  durationMs: 'float8',
};

const stageChangeTypes: Types<StageChange> = {
  id: 'uuid',
  accountId: 'uuid',
  leadId: 'uuid',
  fromStage: 'text',
  toStage: 'text',
  forced: 'bool',
  via: 'text',
  actor: 'text',
  reason: 'text',
  occurredAt: 'timestamptz',
  recordedAt: 'timestamptz',
};

const leadEventTypes: Types<LeadEvent> = {
  id: 'uuid',
  accountId: 'uuid',
  leadId: 'uuid',
  eventTypeId: 'uuid',
  campaignId: 'uuid',
  isConversion: 'bool',
  revenue: 'numeric',
  payout: 'numeric',
  transactionId: 'text',
  pid: 'text',
  details: 'json',
  actor: 'text',
  submissionId: 'uuid',
  occurredAt: 'timestamptz',
  recordedAt: 'timestamptz',
};

const eventFiringTypes: Types<EventFiring> = {
  leadId: 'uuid',
  eventTypeId: 'uuid',
  accountId: 'uuid',
  count: 'int',
  lastFiredAt: 'timestamptz',
};

const ledgerEntryTypes: Types<LedgerEntry> = {
  id: 'uuid',
  accountId: 'uuid',
  leadId: 'uuid',
  kind: '"LedgerKind"',
  operation: '"CostOperation"',
  sent: 'numeric',
  amount: 'numeric',
  cause: 'text',
  leadEventId: 'uuid',
  actor: 'text',
  recordedAt: 'timestamptz',
};

/** A log entry whose JSON is text already. */
export type ChangeRow = Omit<Change, 'seq' | 'data' | 'previous'> & {
  readonly seq: number;
  readonly data: string;
  readonly previous: string | null;
};

const changeTypes: Types<ChangeRow> = {
  accountId: 'uuid',
  seq: 'int8',
  id: 'uuid',
  type: 'text',
  leadId: 'uuid',
  origin: 'text',
  actor: 'text',
  summary: 'text',
  data: 'json',
  previous: 'json',
  submissionId: 'uuid',
  stageChangeId: 'uuid',
  leadEventId: 'uuid',
  crmActivityId: 'uuid',
  occurredAt: 'timestamptz',
  recordedAt: 'timestamptz',
};

/** A stored answer whose JSON is text already. */
export type AnswerRow = Omit<IdempotencyRecord, 'answer'> & { readonly answer: string };

const answerTypes: Types<AnswerRow> = {
  accountId: 'uuid',
  credential: 'text',
  operation: 'text',
  key: 'text',
  requestHash: 'text',
  answer: 'jsonb',
  leadId: 'uuid',
  createdAt: 'timestamptz',
};

/** The words by which a lead is found. */
export interface SearchRow {
  readonly accountId: string;
  readonly number: number;
  readonly leadId: string;
  readonly words: readonly string[];
}

const searchTypes: Types<SearchRow> = { accountId: 'uuid', number: 'int', leadId: 'uuid', words: 'text[]' };

/** A lead whose bits in its search block are wrong now. */
export interface StaleRow {
  readonly accountId: string;
  readonly number: number;
}

const staleTypes: Types<StaleRow> = { accountId: 'uuid', number: 'int' };

const sourceStatsTypes: Types<SourceStats> = {
  sourceId: 'uuid',
  created: 'int',
  duplicates: 'int',
  rejected: 'int',
  firstLeadAt: 'timestamptz',
  lastLeadAt: 'timestamptz',
  windowStartedAt: 'timestamptz',
  windowCount: 'int',
};

/** A day as its date, like `2026-11-20`. */
export type SourceDayRow = Omit<SourceDay, 'day'> & { readonly day: string };

const sourceDayTypes: Types<SourceDayRow> = { sourceId: 'uuid', day: 'date', created: 'int', duplicates: 'int', rejected: 'int' };

const conversationTypes: Types<Conversation> = {
  leadId: 'uuid',
  accountId: 'uuid',
  status: 'text',
  isUnread: 'bool',
  lastSnippet: 'text',
  lastEventAt: 'timestamptz',
  createdAt: 'timestamptz',
};

const certificateCheckTypes: Types<CertificateCheck> = {
  leadId: 'uuid',
  accountId: 'uuid',
  url: 'text',
  attempts: 'int',
  nextAttemptAt: 'timestamptz',
  createdAt: 'timestamptz',
};

const crmActivityTypes: Types<CrmActivityRow> = {
  id: 'uuid',
  accountId: 'uuid',
  leadId: 'uuid',
  crmLeadId: 'text',
  eventType: 'text',
  status: 'text',
  payload: 'json',
  dialect: 'text',
  actor: 'text',
  occurredAt: 'timestamptz',
  receivedAt: 'timestamptz',
};

export interface TableRows {
  readonly Lead: Lead;
  readonly LeadSearch: SearchRow;
  readonly SearchStale: StaleRow;
  readonly Submission: Submission;
  readonly StageChange: StageChange;
  readonly LeadEvent: LeadEvent;
  readonly EventFiring: EventFiring;
  readonly LedgerEntry: LedgerEntry;
  readonly Change: ChangeRow;
  readonly IdempotencyRecord: AnswerRow;
  readonly SourceStats: SourceStats;
  readonly SourceDay: SourceDayRow;
  readonly Conversation: Conversation;
  readonly CertificateCheck: CertificateCheck;
  readonly CrmActivity: CrmActivityRow;
}

export type TableName = keyof TableRows;

export interface Table<Row> {
  readonly columns: readonly Column<Row>[];
  /** The columns that tell rows apart. */
  readonly key: readonly (keyof Row & string)[];
  /** Columns that never change once a row was written. */
  readonly fixed?: readonly (keyof Row & string)[];
  /** A new row may meet one that was not loaded, and takes its place. */
  readonly replaces?: true;
  /** Rows that go when the lead goes that their `leadId` names. */
  readonly ofLead?: true;
}

export const tables: { readonly [Name in TableName]: Table<TableRows[Name]> } = {
  Lead: { columns: columnsOf<Lead>(leadTypes), key: ['id'], fixed: ['accountId', 'number', 'createdAt'] },
  LeadSearch: {
    columns: columnsOf<SearchRow>(searchTypes, { words: (text) => `array_to_tsvector(${text}::text[])` }),
    key: ['accountId', 'number'],
    replaces: true,
    ofLead: true,
  },
  SearchStale: { columns: columnsOf<StaleRow>(staleTypes), key: ['accountId', 'number'] },
  Submission: {
    columns: columnsOf<Submission>(submissionTypes),
    key: ['accountId', 'id'],
    // A receipt never changes, but the CRM may give it an id later.
    fixed: [
      'leadId',
      'sourceId',
      'dialect',
      'actor',
      'outcome',
      'fields',
      'reasons',
      'body',
      'ipAddress',
      'userAgent',
      'receivedAt',
      'durationMs',
    ],
    ofLead: true,
  },
  StageChange: { columns: columnsOf<StageChange>(stageChangeTypes), key: ['id'], ofLead: true },
  LeadEvent: { columns: columnsOf<LeadEvent>(leadEventTypes), key: ['id'], ofLead: true },
  EventFiring: { columns: columnsOf<EventFiring>(eventFiringTypes), key: ['leadId', 'eventTypeId'], fixed: ['accountId'], ofLead: true },
  LedgerEntry: { columns: columnsOf<LedgerEntry>(ledgerEntryTypes), key: ['leadId', 'id'], ofLead: true },
  Change: { columns: columnsOf<ChangeRow>(changeTypes), key: ['accountId', 'seq'] },
  IdempotencyRecord: {
    columns: columnsOf<AnswerRow>(answerTypes),
    key: ['accountId', 'credential', 'operation', 'key'],
    replaces: true,
    ofLead: true,
  },
  SourceStats: { columns: columnsOf<SourceStats>(sourceStatsTypes), key: ['sourceId'], replaces: true },
  SourceDay: { columns: columnsOf<SourceDayRow>(sourceDayTypes), key: ['sourceId', 'day'], replaces: true },
  Conversation: { columns: columnsOf<Conversation>(conversationTypes), key: ['leadId'], ofLead: true },
  CertificateCheck: { columns: columnsOf<CertificateCheck>(certificateCheckTypes), key: ['leadId'], ofLead: true },
  CrmActivity: {
    columns: columnsOf<CrmActivityRow>(crmActivityTypes),
    key: ['id'],
    // All but the lead: a report never changes, and what waits is loaded without its payload.
    fixed: ['accountId', 'crmLeadId', 'eventType', 'status', 'payload', 'dialect', 'actor', 'occurredAt', 'receivedAt'],
    ofLead: true,
  },
};

export const keyOf = <Row>({ key }: Table<Row>, row: Row): string =>
  key.length === 1 && key[0] !== undefined ? String(row[key[0]]) : key.map((name) => String(row[name])).join(' ');

type FromText<Row> = { readonly [Name in keyof Row]?: (text: string) => string };

function columnsOf<Row extends object>(types: Types<Row>, fromTexts: FromText<Row> = {}): readonly Column<Row>[] {
  return Object.entries<string>(types).map(([name, type]) => {
    const fromText = fromTexts[name as keyof Row];
    return { name, type, toText: textOf<Row>(name as keyof Row, type), ...(fromText && { fromText }) };
  });
}

function textOf<Row extends object>(name: keyof Row, type: string): (row: Row) => string | null {
  if (type === 'text[]') return (row) => toArrayText(row[name] as readonly string[]);
  if (type === 'json' || type === 'jsonb') return (row) => jsonText(row[name]);
  return (row) => plainText(row[name]);
}

// A string stands for JSON text that was made before.
const jsonText = (value: unknown): string | null => (value === null ? null : typeof value === 'string' ? value : JSON.stringify(value));

function plainText(value: unknown): string | null {
  if (typeof value === 'string') return value;
  if (value === null || value === undefined) return null;
  if (value instanceof Date) return value.toISOString();
  if (value instanceof Prisma.Decimal) return value.toFixed();
  if (typeof value === 'number' || typeof value === 'bigint' || typeof value === 'boolean') return String(value);
  throw new Error(`a column cannot hold a ${typeof value}`);
}
