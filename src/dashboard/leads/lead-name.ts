import type { LeadRow } from '../documents/leads.ts';

/** What to call a lead: its name, else its company, else its email, else its number. */
export function leadName({
  firstName,
  lastName,
  company,
  email,
  number,
}: Pick<LeadRow, 'firstName' | 'lastName' | 'company' | 'email' | 'number'>): string {
  const name = [firstName, lastName].filter(Boolean).join(' ');
  return name || company || email || `Lead ${number}`;
}

export const leadPath = (number: number): string => `/app/leads/${number}`;
