import { z } from 'zod';
import type { Campaign } from '../../prisma/generated/client/client.ts';
import { authorize } from '../auth/policy.ts';
import type { Context } from '../context.ts';
import { InvalidInputError } from '../errors.ts';
import { checkInput } from '../platform/check-input.ts';
import { uuidOf } from '../platform/ids.ts';
import { isStorable } from '../platform/parameters.ts';
import { type CampaignEventInput, campaignEvents, cid, name } from './campaign-input.ts';
import { CampaignNotFoundError, IdTakenError } from './errors.ts';
import { patience, pickEvents } from './pick-events.ts';

export interface UpdateCampaignInput {
  readonly campaignId: string;
  readonly cid?: string | null | undefined;
  readonly name?: string | null | undefined;
  readonly events?: readonly CampaignEventInput[] | null | undefined;
}

export const updateCampaignErrors = [InvalidInputError, CampaignNotFoundError, IdTakenError] as const;

const schema = z.object({ cid: cid.nullish(), name: name.nullish(), events: campaignEvents.nullish() });

/** Changes what is given. `events` takes the place of all events that the campaign had; an empty list gives it all of the account's. */
export async function updateCampaign(
  ctx: Pick<Context, 'db' | 'viewer' | 'campaigns'>,
  input: UpdateCampaignInput,
): Promise<{ readonly campaign: Campaign }> {
  const accountId = authorize(ctx.viewer, 'administer');
  const checked = checkInput(schema, input);
  const id = uuidOf('Campaign', input.campaignId);
  if (!isStorable(input.campaignId)) throw new CampaignNotFoundError();
  const campaign = await ctx.db.$transaction(async (tx) => {
    const found = await tx.campaign.findFirst({ where: { accountId, ...(id === null ? { cid: input.campaignId } : { id }) } });
    if (!found) throw new CampaignNotFoundError();
    if (checked.cid && checked.cid !== found.cid && (await tx.campaign.findUnique({ where: { cid: checked.cid } })))
      throw new IdTakenError('cid');
    if (checked.events) await pickEvents(tx, accountId, found.id, checked.events);
    const data = { ...(checked.cid && { cid: checked.cid }), ...(checked.name && { name: checked.name }) };
    return tx.campaign.update({ where: { id: found.id }, data });
  }, patience);
  ctx.campaigns.forget();
  return { campaign };
}
