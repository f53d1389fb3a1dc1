import type { Endpoint } from '../endpoint.ts';
import { analyticsOverview } from './analytics-overview.ts';
import { crmLead } from './crm-lead.ts';
import { engineCounters } from './engine.ts';
import { getAnalyticsLead } from './get-lead.ts';
import { engineProjects, engineSources, leadProjects, leadSources } from './lead-values.ts';
import { listAnalyticsLeads } from './list-leads.ts';

/** The Pulsegate endpoints, in the order of their documentation. */
export const pulsegateEndpoints: readonly Endpoint[] = [
  crmLead,
  analyticsOverview,
  listAnalyticsLeads,
  getAnalyticsLead,
  leadProjects,
  leadSources,
  ...engineCounters,
  engineProjects,
  engineSources,
];
