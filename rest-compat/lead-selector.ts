import { toLeadNumber } from '../src/leads/lead-number.ts';

/** People know a lead by its short number, machines by its id. */
export function toLeadSelector(id: string): Record<string, unknown> {
  const number = toLeadNumber(id);
  return number === null ? { id } : { number };
}
