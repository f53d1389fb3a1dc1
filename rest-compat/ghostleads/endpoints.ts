import type { Endpoint } from '../endpoint.ts';
import { analytics } from './analytics.ts';
import { deleteLead } from './delete-lead.ts';
import { getLead } from './get-lead.ts';
import { listLeads } from './list-leads.ts';
import { postback } from './postback.ts';
import { setStage } from './set-stage.ts';

/** The Ghostleads endpoints, in the order of their documentation. */
export const ghostleadsEndpoints: readonly Endpoint[] = [postback, listLeads, getLead, setStage, deleteLead, analytics];
