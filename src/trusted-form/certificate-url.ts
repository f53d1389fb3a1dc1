export interface CertificateUrlProblem {
  readonly code: 'TRUSTED_FORM_URL_INVALID' | 'TRUSTED_FORM_HOST_NOT_ALLOWED';
  readonly message: string;
}

export type CheckedCertificateUrl =
  | { readonly url: URL; readonly problem?: undefined }
  | { readonly url?: undefined; readonly problem: CertificateUrlProblem };

/** Far more than any certificate's URL has, and what browsers and proxies still carry. */
const maxLength = 2048;

/**
 * Checks that a text is the address of a TrustedForm certificate. A URL parser forgives much (other scripts, escapes, backslashes, missing
 * slashes) and then names a host that no reader sees, so the text itself must show the host that the parser found.
 */
export function parseCertificateUrl(text: string): CheckedCertificateUrl {
  if (text.length > maxLength) return { problem: tooLong };
  if (!/^[\x21-\x7E]+$/.test(text) || text.includes('\\')) return { problem: notAUrl };
  const url = URL.canParse(text) ? new URL(text) : null;
  if (!url || (url.protocol !== 'http:' && url.protocol !== 'https:')) return { problem: notAUrl };
  if (url.username !== '' || url.password !== '' || text.includes('@')) return { problem: withCredentials };
  if (!isCertificateHost(url.hostname) || url.port !== '') return { problem: wrongHost };
  const authority = `${url.protocol}//${url.hostname}`;
  const shown = text.slice(0, authority.length).toLowerCase();
  return shown === authority && /^([/?#]|:\d*(?:[/?#]|$)|$)/.test(text.slice(authority.length)) ? { url } : { problem: wrongHost };
}

/** What is wrong with such a text; null: nothing. What nearly every sender sends needs no URL parser to see that. */
export const certificateUrlProblem = (text: string): CertificateUrlProblem | null =>
  text.length <= maxLength && plainShape.test(text) ? null : (parseCertificateUrl(text).problem ?? null);

const plainShape = /^https:\/\/cert\.trustedform\.com\/[\w-]+$/;

/** The only hosts that certificates live on: this one and what stands below it. */
const hostShape = /^(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)*trustedform\.com$/;
const isCertificateHost = (host: string): boolean => hostShape.test(host);

const notAUrl: CertificateUrlProblem = {
  code: 'TRUSTED_FORM_URL_INVALID',
  message: 'must be an http or https URL, like https://cert.trustedform.com/...',
};

const tooLong: CertificateUrlProblem = {
  code: 'TRUSTED_FORM_URL_INVALID',
  message: `must have at most ${maxLength} characters`,
};

const withCredentials: CertificateUrlProblem = {
  code: 'TRUSTED_FORM_URL_INVALID',
  message: 'must not contain an @, a user name or a password',
};

const wrongHost: CertificateUrlProblem = {
  code: 'TRUSTED_FORM_HOST_NOT_ALLOWED',
  message: 'must be hosted by trustedform.com, on its usual port',
};
