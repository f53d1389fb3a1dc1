import { crmLeadIdText } from '../leads/fields.ts';

/** A CRM's id of a lead where there must be one. */
export const crmLeadId = crmLeadIdText.min(1, 'is required');
