import { leadList } from '../lead-list.ts';
import { analytics } from './answers.ts';

export const listAnalyticsLeads = leadList('/analytics/leads', analytics, {
  summary: 'Leads',
  description: 'Leads, newest first, a page at a time. Filters combine; stage, source and campaign may come several times.',
});
