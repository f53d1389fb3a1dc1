import { leadList } from '../lead-list.ts';
import { ghostleads } from './answers.ts';

export const listLeads = leadList('/api/leads', ghostleads, {
  summary: 'List leads',
  description:
    'Leads, newest first. Query: stage, search, source, campaign, from, to, page, limit. Filters combine; stage, source and campaign may come several times.',
});
