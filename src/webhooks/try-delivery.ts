import type { Webhook } from '../../prisma/generated/client/client.ts';
import { toPublicId } from '../platform/ids.ts';
import { OutboundError, type OutboundHttp } from '../platform/outbound-http.ts';
import type { SecretBox } from '../platform/secret-box.ts';
import type { Claimed } from './claim.ts';
import { toBody } from './payload.ts';
import { fillPlaceholders } from './placeholders.ts';
import { parseRetryAfter } from './retry-plan.ts';
import { sign } from './signature.ts';
import { formerSecrets } from './former-secrets.ts';
import { headerPurpose, secretPurpose } from './webhook.ts';

const connectMs = 3000;
const deadlineMs = 15_000;
const readBytes = 64 * 1024;
const keptBytes = 16 * 1024;

/** What came of one try. */
export interface Tried {
  readonly at: Date;
  readonly url: string;
  readonly statusCode: number | null;
  readonly durationMs: number;
  /** Null: it was delivered. */
  readonly error: string | null;
  readonly responseBody: string | null;
  readonly retryAfterMs: number | null;
}

/** One finished try. */
export interface Result {
  readonly delivery: Claimed;
  readonly tried: Tried;
}

/** What a webhook needs for its calls, decrypted. */
export interface Target {
  readonly url: string;
  readonly method: string;
  readonly payloadFormat: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly secrets: readonly string[];
}

export function openTarget(webhook: Webhook, box: SecretBox, now: Date): Target {
  const { id, url, method, payloadFormat, secret } = webhook;
  const sealed = Object.entries(webhook.headers ?? {}).filter((entry): entry is [string, string] => typeof entry[1] === 'string');
  return {
    url,
    method,
    payloadFormat,
    headers: Object.fromEntries(sealed.map(([name, value]) => [name, box.open(value, headerPurpose(id, name))])),
    secrets: [secret, ...formerSecrets(webhook, now).map((former) => former.secret)].map((text) => box.open(text, secretPurpose(id))),
  };
}

/** Calls the endpoint once. Whatever happens is a result; nothing is thrown. */
export async function tryDelivery(http: OutboundHttp, target: Target, delivery: Claimed, at: Date, signal: AbortSignal): Promise<Tried> {
  const startedAtMs = performance.now();
  const { told } = delivery;
  const url = fillPlaceholders(target.url, told);
  const body = target.method === 'GET' ? '' : toBody(target.payloadFormat, told);
  const id = toPublicId('Delivery', delivery.id);
  const timestamp = Math.floor(at.getTime() / 1000);
  const since = (): number => Math.round(performance.now() - startedAtMs);
  try {
    const {
      status,
      headers,
      body: answer,
    } = await http.call({
      url: new URL(url),
      method: target.method,
      headers: {
        'user-agent': 'Leadgraph-Webhooks/1',
        accept: '*/*',
        ...target.headers,
        ...(body !== '' && { 'content-type': 'application/json' }),
        'webhook-id': id,
        'webhook-timestamp': String(timestamp),
        'webhook-signature': sign(target.secrets, { id, timestamp, body }),
        'x-webhook-event': delivery.event,
        'x-webhook-delivery': delivery.id,
        'x-webhook-attempt': String(delivery.attemptCount + 1),
        ...(delivery.seq === null && { 'x-webhook-test': 'true' }),
      },
      ...(body !== '' && { body }),
      connectMs,
      deadlineMs,
      signal,
      maxBodyBytes: readBytes,
    });
    return {
      at,
      url,
      statusCode: status,
      durationMs: since(),
      error: errorOf(status),
      responseBody: toText(answer),
      retryAfterMs: parseRetryAfter(headers['retry-after'], at),
    };
  } catch (error) {
    const reason = error instanceof OutboundError ? error.message : 'internal_error';
    return { at, url, statusCode: null, durationMs: since(), error: reason, responseBody: null, retryAfterMs: null };
  }
}

/** Redirects are refused: following one would let a checked public URL end at a private address. */
function errorOf(status: number): string | null {
  if (status >= 200 && status < 300) return null;
  if (status >= 300 && status < 400) return 'redirect_not_followed';
  return status === 410 ? 'gone' : `status_${status}`;
}

/** PostgreSQL cannot hold NUL, and nobody can read it. */
function toText(answer: Buffer): string | null {
  return answer.length === 0 ? null : answer.subarray(0, keptBytes).toString('utf8').replaceAll('\0', '\uFFFD');
}
