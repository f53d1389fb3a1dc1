import type { Endpoint } from '../endpoint.ts';
import { crmLead } from './crm-lead.ts';
import { getAnalyticsLead } from './get-lead.ts';
import { listAnalyticsLeads } from './list-leads.ts';

/** The Pulsegate endpoints, in the order of their documentation. */
export const pulsegateEndpoints: readonly Endpoint[] = [crmLead, listAnalyticsLeads, getAnalyticsLead];
