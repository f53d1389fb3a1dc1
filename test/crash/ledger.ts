/**
 * What senders were told. An operation is acknowledged when its 2xx answer arrived whole; from then on the server may not lose it, and however
 * often the sender had to repeat it before, the server may have it only once.
 */
export const kinds = ['postback', 'intake', 'event', 'crm', 'move'] as const;

export type Kind = (typeof kinds)[number];

export interface Acknowledged {
  readonly kind: Kind;
  /** What the operation is found by in the database. */
  readonly token: string;
  /** The lead that the answer named, where it names one. */
  readonly leadId: string | null;
}

export interface Ledger {
  readonly entries: readonly Acknowledged[];
  /** How often something was sent, and how often the answer came from the store of earlier ones. */
  readonly sent: () => number;
  readonly replayed: () => number;
  /** Answers other than success, by status; `0` is a connection that broke. */
  readonly refusals: Readonly<Record<string, number>>;
  /** Answers that no fault excuses: anything but 503 with `Retry-After`. */
  readonly wrongAnswers: readonly string[];
  readonly acknowledge: (entry: Acknowledged, replayed: boolean) => void;
  readonly note: (status: number, wrong: string | null) => void;
}

export function createLedger(): Ledger {
  const entries: Acknowledged[] = [];
  const refusals: Record<string, number> = {};
  const wrongAnswers: string[] = [];
  let sent = 0;
  let replayed = 0;
  return {
    entries,
    refusals,
    wrongAnswers,
    sent: () => sent,
    replayed: () => replayed,
    acknowledge(entry, fromStore) {
      sent += 1;
      if (fromStore) replayed += 1;
      entries.push(entry);
    },
    note(status, wrong) {
      sent += 1;
      refusals[status] = (refusals[status] ?? 0) + 1;
      if (wrong !== null) wrongAnswers.push(wrong);
    },
  };
}
