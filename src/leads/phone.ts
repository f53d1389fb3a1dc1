import { parsePhoneNumberFromString } from 'libphonenumber-js/min';

const plainUsNumber = /^\+1[2-9]\d{9}$/;

/** The E.164 form of a *possible* number (its shape is right; nobody promises that it is in use), or null. Without a country code it is read as a U.S. number. */
export function toE164(phone: string): string | null {
  // What most senders write needs no parser, which takes longer than everything else about a lead.
  if (plainUsNumber.test(phone)) return phone;
  const number = parsePhoneNumberFromString(phone.normalize('NFKC'), 'US');
  return number?.isPossible() ? number.number : null;
}
