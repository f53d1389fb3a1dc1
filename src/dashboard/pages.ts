import type { ComponentType } from 'preact';
import { Api } from './pages/api.tsx';
import { ApiKeys } from './pages/api-keys.tsx';
import { AllLeads } from './pages/all-leads.tsx';
import { Board } from './pages/board.tsx';
import { Campaigns } from './pages/campaigns.tsx';
import { LeadPage } from './pages/lead-page.tsx';
import { Overview } from './pages/overview.tsx';
import { Refused } from './pages/refused.tsx';
import { Sources } from './pages/sources.tsx';
import { Unmatched } from './pages/unmatched.tsx';
import { WebhookPage } from './pages/webhook-page.tsx';
import type { PageProps } from './pages/page-props.ts';
import { Webhooks } from './pages/webhooks.tsx';

export interface Page {
  readonly path: string;
  readonly title: string;
  /** The group of the navigation it stands in; null: it is reached from another page. */
  readonly nav: 'work' | 'trouble' | 'settings' | null;
  /** The page of the navigation that it belongs to. */
  readonly under?: string;
  readonly adminOnly?: boolean;
  readonly Content: ComponentType<PageProps>;
}

export const pages: readonly Page[] = [
  { path: '/', title: 'Overview', nav: 'work', Content: Overview },
  { path: '/app/board', title: 'Pipeline Board', nav: 'work', Content: Board },
  { path: '/app/leads', title: 'All Leads', nav: 'work', Content: AllLeads },
  { path: '/app/leads/:', title: 'Lead', nav: null, under: '/app/leads', Content: LeadPage },
  { path: '/app/refused', title: 'Refused leads', nav: 'trouble', Content: Refused },
  { path: '/app/unmatched', title: 'Unmatched CRM', nav: 'trouble', Content: Unmatched },
  { path: '/app/sources', title: 'Sources', nav: 'settings', Content: Sources },
  { path: '/app/campaigns', title: 'Campaigns', nav: 'settings', Content: Campaigns },
  { path: '/app/webhooks', title: 'Webhooks', nav: 'settings', Content: Webhooks },
  { path: '/app/webhooks/:', title: 'Webhook', nav: null, under: '/app/webhooks', Content: WebhookPage },
  { path: '/app/api', title: 'API', nav: 'settings', Content: Api },
  { path: '/app/api-keys', title: 'API Keys', nav: 'settings', adminOnly: true, Content: ApiKeys },
];

/** The page of an address: `/app/leads` is one, `/app/leads/42` another that is given `42`. */
export function pageAt(path: string): { readonly page: Page; readonly parameter: string | null } | null {
  const bare = path.length > 1 ? path.replace(/\/$/, '') : path;
  const exact = pages.find((page) => page.path === bare && !page.path.endsWith('/:'));
  if (exact) return { page: exact, parameter: null };
  const slash = bare.lastIndexOf('/');
  const nested = pages.find((page) => page.path === `${bare.slice(0, slash)}/:`);
  const parameter = decoded(bare.slice(slash + 1));
  return nested && parameter !== null ? { page: nested, parameter } : null;
}

/** Null: it is no encoded text. */
function decoded(text: string): string | null {
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}
