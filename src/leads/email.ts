import { domainToASCII } from 'node:url';

const maxEmailLength = 254;

// One @, a local part of at most 64 characters without spaces, and a domain of at least two labels, the last of which is no number.
const shape =
  /^[^\s@,;:<>()[\]\\"]{1,64}@(?:[\p{L}\p{N}](?:[\p{L}\p{M}\p{N}-]{0,61}[\p{L}\p{M}\p{N}])?\.)+\p{L}[\p{L}\p{M}\p{N}-]{0,61}[\p{L}\p{M}\p{N}]$/u;

export function isEmail(text: string): boolean {
  // Length first: the pattern never sees 9 KB.
  if (text.length > maxEmailLength || !shape.test(text)) return false;
  const local = text.slice(0, text.indexOf('@'));
  return !local.startsWith('.') && !local.endsWith('.') && !local.includes('..');
}

/** The address as compared within an account: trimmed, NFC, lower case, an international domain in its ASCII form. A plus-tag stays: it is another address. */
export function toEmailKey(email: string): string {
  const lower = email.trim().normalize('NFC').toLowerCase();
  const at = lower.lastIndexOf('@');
  const domain = lower.slice(at + 1);
  // oxlint-disable-next-line no-control-regex
  if (/^[\x00-\x7F]*$/.test(domain)) return lower;
  return `${lower.slice(0, at + 1)}${domainToASCII(domain) || domain}`;
}
