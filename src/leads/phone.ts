import { parsePhoneNumberFromString } from 'libphonenumber-js/min';

/** The E.164 form of a *possible* number (its shape is right; nobody promises that it is in use), or null. Without a country code it is read as a U.S. number. */
export function toE164(phone: string): string | null {
  const number = parsePhoneNumberFromString(phone.normalize('NFKC'), 'US');
  return number?.isPossible() ? number.number : null;
}
