import { isIP } from 'node:net';
import { OutboundError, type OutboundHttp } from '../platform/outbound-http.ts';
import { WebhookUrlNotAllowedError } from './errors.ts';

const longestUrl = 2048;
const lookUpWithinMs = 3000;

/** Names for machines near this one. They may be called when they resolve to a place that is allowed; one that does not resolve is no public name. */
const localSuffixes = ['localhost', 'local', 'internal', 'intranet', 'private', 'corp', 'home', 'lan', 'home.arpa', 'invalid', 'onion'];
/** Domains whose names stand for whatever address is written in them, or for this machine. */
const addressSuffixes = [
  'nip.io',
  'sslip.io',
  'xip.io',
  'localtest.me',
  'lvh.me',
  'vcap.me',
  'lacolhost.com',
  'yoogle.com',
  'traefik.me',
  'rbndr.us',
  '1u.ms',
];

/**
 * Throws WebhookUrlNotAllowedError unless the URL may be called. A public name that does not resolve now is taken: names come and go, and the
 * address is checked at every try.
 */
export async function checkUrl(text: string, http: Pick<OutboundHttp, 'resolve'>): Promise<string> {
  const url = toTarget(text);
  if (!url) {
    throw new WebhookUrlNotAllowedError(
      `The URL must be http or https, without user name, white space or backslash, of at most ${longestUrl} characters, with placeholders behind the host only.`,
    );
  }
  const reason = await whyNot(url, http);
  if (reason) throw new WebhookUrlNotAllowedError(reason);
  return text;
}

/** The URL as it will be called, with something in its placeholders; null when it is none that can be called. */
function toTarget(text: string): URL | null {
  // The parser forgives what people and attackers write; this does not.
  if (text.length > longestUrl || !/^https?:\/\/[^/?#\\@{}\s]+([/?#][^\\\s]*)?$/i.test(text) || /[\p{Cc}\p{Cf}]/u.test(text)) return null;
  const filled = text.replace(/\{[^{}]*\}/g, 'x');
  const url = !/[{}]/.test(filled) && URL.canParse(filled) ? new URL(filled) : null;
  return url && url.username === '' && url.password === '' && url.hostname !== '' && url.port !== '0' ? url : null;
}

async function whyNot(url: URL, http: Pick<OutboundHttp, 'resolve'>): Promise<string | null> {
  try {
    await within(http.resolve(url), lookUpWithinMs);
    return null;
  } catch (error) {
    const isUnknown = error === tooSlow || (error instanceof OutboundError && error.reason === 'name_not_found');
    if (!isUnknown && !(error instanceof OutboundError)) throw error;
    if (isUnknown && !isLocalName(url.hostname)) return null;
    return 'The URL must lead to a public address.';
  }
}

function isLocalName(hostname: string): boolean {
  const name = hostname.toLowerCase().replace(/\.+$/, '');
  if (isIP(name) !== 0 || !name.includes('.')) return true;
  return [...localSuffixes, ...addressSuffixes].some((suffix) => name === suffix || name.endsWith(`.${suffix}`));
}

const tooSlow = new Error('the name server is slow');

function within<Value>(work: Promise<Value>, ms: number): Promise<Value> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(tooSlow), ms);
    work.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
