import type { LeadRow } from '../documents/leads.ts';

const columns: readonly (readonly [string, (lead: LeadRow) => string | number | null])[] = [
  ['Number', (lead) => lead.number],
  ['Id', (lead) => lead.id],
  ['Date', (lead) => lead.createdAt],
  ['Updated', (lead) => lead.updatedAt],
  ['First name', (lead) => lead.firstName],
  ['Last name', (lead) => lead.lastName],
  ['Email', (lead) => lead.email],
  ['Phone', (lead) => lead.phone],
  ['Company', (lead) => lead.company],
  ['Stage', (lead) => lead.stage.name],
  ['Source', (lead) => lead.sourceName],
  ['Campaign', (lead) => lead.campaignName],
  ['Form %', (lead) => lead.form.completionPercent],
  ['IP', (lead) => lead.ipAddress],
  ['Device', (lead) => lead.deviceType],
];

export const toCsvLine = (lead: LeadRow): string => `${columns.map(([, valueOf]) => toCell(valueOf(lead))).join(',')}\r\n`;

function toCell(value: string | number | null): string {
  if (value === null) return '';
  if (typeof value === 'number') return String(value);
  // Spreadsheets run what begins like a formula, and anyone can send a lead. Phone numbers stay readable.
  const harmless = /^[=@\t\r\n]|^[+-](?![\d\s().-]*$)/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}

export const csvHead = `${columns.map(([name]) => name).join(',')}\r\n`;
