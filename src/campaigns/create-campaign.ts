import { z } from 'zod';
import type { Campaign } from '../../prisma/generated/client/client.ts';
import { authorize } from '../auth/policy.ts';
import type { Context } from '../context.ts';
import { InvalidInputError } from '../errors.ts';
import { checkInput } from '../platform/check-input.ts';
import { newUuid } from '../platform/ids.ts';
import { type CampaignEventInput, campaignEvents, cid, name } from './campaign-input.ts';
import { IdTakenError } from './errors.ts';
import { patience, pickEvents } from './pick-events.ts';

export interface CreateCampaignInput {
  readonly cid: string;
  readonly name?: string | null | undefined;
  readonly events?: readonly CampaignEventInput[] | null | undefined;
}

export const createCampaignErrors = [InvalidInputError, IdTakenError] as const;

const schema = z.object({ cid, name: name.nullish(), events: campaignEvents.nullish() });

/** Makes a campaign and picks its events. */
export async function createCampaign(
  ctx: Pick<Context, 'db' | 'viewer' | 'campaigns'>,
  input: CreateCampaignInput,
): Promise<{ readonly campaign: Campaign }> {
  const accountId = authorize(ctx.viewer, 'administer');
  const checked = checkInput(schema, input);
  const campaign = await ctx.db.$transaction(async (tx) => {
    // The unique cid decides who came first; a lookup before could not.
    const data = [{ id: newUuid(), accountId, cid: checked.cid, name: checked.name ?? checked.cid }];
    const [made] = await tx.campaign.createManyAndReturn({ data, skipDuplicates: true });
    if (!made) throw new IdTakenError('cid');
    if (checked.events) await pickEvents(tx, accountId, made.id, checked.events);
    return made;
  }, patience);
  ctx.campaigns.forget();
  return { campaign };
}
