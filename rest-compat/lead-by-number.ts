import { parse } from 'graphql';
import type { Lookup } from './endpoint.ts';

const maxNumber = 2_147_483_647;

/** The short number by which people know a lead; null when the text is none, and so an id. */
export const toLeadNumber = (id: string): number | null => (/^\d{1,10}$/.test(id) && Number(id) <= maxNumber ? Number(id) : null);

/** People know a lead by its short number, machines by its id. */
export function toLeadSelector(id: string): Record<string, unknown> {
  const number = toLeadNumber(id);
  return number === null ? { id } : { number };
}

/** Mutations know leads by id only; people type the number. */
export const leadByNumber: Lookup = {
  operation: parse(
    /* GraphQL */ `
      query LeadByNumber($number: Int!) {
        lead(by: { number: $number }) {
          uuid
        }
      }
    `,
    { noLocation: true },
  ),
  toVariables({ id = '' }) {
    const number = toLeadNumber(id);
    return number === null ? null : { number };
  },
  toParams: (data) => {
    const { lead } = data as { readonly lead: { readonly uuid: string } | null };
    return lead && { id: lead.uuid };
  },
};
