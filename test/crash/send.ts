import { randomUUID } from 'node:crypto';
import type { Json } from '../support/app.ts';
import { oneIn, rest, upTo } from './chance.ts';
import type { Ledger } from './ledger.ts';

export interface Request {
  readonly path: string;
  readonly body: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Acknowledgement {
  readonly body: Json;
  readonly replayed: boolean;
}

const patienceMs = 8000;

/** The CRM's documentation fixes this answer, with status 500, where every other dialect has 503. */
const crmDown = '{"error":"Failed to store CRM activity","code":"DB_UNAVAILABLE"';

/** A server that has not come back after so long will not. */
const giveUpAfterMs = 120_000;

/** Sends a request under one idempotency key, again and again, until a 2xx answer arrived whole. */
export async function sendUntilAcknowledged(
  base: string,
  request: Request,
  ledger: Ledger,
  abandoned: AbortSignal,
): Promise<Acknowledgement> {
  const key = randomUUID();
  const deadline = performance.now() + giveUpAfterMs;
  while (!abandoned.aborted) {
    const acknowledged = await sendOnce(base, request, key, ledger);
    if (acknowledged) return acknowledged;
    if (performance.now() > deadline) throw new Error(`${request.path} was not acknowledged within ${giveUpAfterMs / 1000} s`);
    await rest(400);
  }
  throw new Error('abandoned');
}

async function sendOnce(base: string, { path, body, headers }: Request, key: string, ledger: Ledger): Promise<Acknowledgement | null> {
  // Some callers hang up early and come again while their first request is still under way.
  const signal = AbortSignal.timeout(oneIn(20) ? Math.ceil(upTo(30)) : patienceMs);
  let status = 0;
  let retryAfter: string | null = null;
  let text: string;
  let replayed = false;
  try {
    const response = await fetch(`${base}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'idempotency-key': key, ...headers },
      // GraphQL takes its key in the input.
      body: JSON.stringify(path === '/graphql' ? withKey(body, key) : body),
      signal,
    });
    ({ status } = response);
    retryAfter = response.headers.get('retry-after');
    replayed = response.headers.get('idempotent-replayed') === 'true';
    text = await response.text();
  } catch {
    ledger.note(0, null);
    return null;
  }
  if (status >= 200 && status < 300) return { body: JSON.parse(text), replayed };
  const excused = (status === 503 && retryAfter !== null) || text.includes(crmDown);
  ledger.note(status, excused ? null : `${path} ${status} ${text.slice(0, 200)}`);
  return null;
}

function withKey(operation: Json, idempotencyKey: string): Json {
  return { ...operation, variables: { input: { ...operation.variables.input, idempotencyKey } } };
}
