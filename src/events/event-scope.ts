import { authorize } from '../auth/policy.ts';
import type { AccountEvents, KnownCampaign } from '../campaigns/campaign-book.ts';
import { CampaignNotFoundError } from '../campaigns/errors.ts';
import type { Context } from '../context.ts';
import { LeadNotFoundError } from '../leads/errors.ts';
import { uuidOf } from '../platform/ids.ts';

export interface EventScope {
  readonly account: AccountEvents;
  /** Null: the one that the lead belongs to, if any. */
  readonly campaign: KnownCampaign | null;
}

/**
 * Whose lead an event may name. Partners fire events without a key, so a campaign's cid or an organization's id is the scope; whoever shows
 * the key of an account stays within it.
 */
export async function findEventScope(
  ctx: Pick<Context, 'viewer' | 'campaigns'>,
  { cid, orgId }: { readonly cid?: string | null | undefined; readonly orgId?: string | null | undefined },
): Promise<EventScope> {
  const { viewer, campaigns } = ctx;
  const own = viewer.kind === 'ROOT' || viewer.kind === 'ANONYMOUS' ? null : authorize(viewer, 'intake');
  const ofOrg = orgId == null ? null : uuidOf('Account', orgId);
  if (orgId != null && (ofOrg === null || (own !== null && ofOrg !== own))) throw new LeadNotFoundError();
  if (cid == null) {
    const account = await campaigns.ofAccount(ofOrg ?? own ?? authorize(viewer, 'intake'));
    if (!account) throw new LeadNotFoundError();
    return { account, campaign: null };
  }
  const ofCampaign = await campaigns.accountOfCampaign(cid.trim());
  const isForeign = (own !== null && ofCampaign !== own) || (ofOrg !== null && ofCampaign !== ofOrg);
  const account = ofCampaign === null || isForeign ? null : await campaigns.ofAccount(ofCampaign);
  const campaign = account?.findCampaign(cid.trim()) ?? null;
  if (account === null || campaign === null) throw new CampaignNotFoundError();
  return { account, campaign };
}
