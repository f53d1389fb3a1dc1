/** What is known of a phone number. Unknown is null or empty. */
export interface PhoneFacts {
  /** ISO 3166-1. */
  readonly country: string | null;
  /** A U.S. state or Canadian province, as two letters. */
  readonly region: string | null;
  readonly type: PhoneType | null;
  /** IANA names of the zones in which the number may be. */
  readonly timeZones: readonly string[];
}

export const phoneTypes = ['Mobile', 'Landline', 'Voip', 'TollFree', 'ShortCode', 'PremiumRate', 'Temporary', 'Other'] as const;
export type PhoneType = (typeof phoneTypes)[number];

/** Tells about phone numbers. One that asks another service gives a promise; it is waited for shortly, and a lead never fails with it. */
export interface PhoneLookup {
  /** Named beside what it found. */
  readonly name: string;
  readonly lookUp: (e164: string) => PhoneFacts | null | Promise<PhoneFacts | null>;
}

const deadlineMs = 500;

export interface PhoneFinding extends PhoneFacts {
  readonly provider: string;
}

/** What the provider says within the deadline; null: nothing. */
export function findPhoneFacts(lookup: PhoneLookup, e164: string): PhoneFinding | null | Promise<PhoneFinding | null> {
  const note = (facts: PhoneFacts | null): PhoneFinding | null => facts && { ...facts, provider: lookup.name };
  try {
    const answer = lookup.lookUp(e164);
    return answer instanceof Promise ? withinDeadline(answer).then(note, () => null) : note(answer);
  } catch {
    return null;
  }
}

async function withinDeadline<Value>(answer: Promise<Value>): Promise<Value | null> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<null>((resolve) => {
    timer = setTimeout(resolve, deadlineMs, null);
  });
  try {
    return await Promise.race([answer, late]);
  } finally {
    clearTimeout(timer);
  }
}
