import { z } from 'zod';
import type { EventType } from '../../prisma/generated/client/client.ts';
import { authorize } from '../auth/policy.ts';
import type { Context } from '../context.ts';
import { InvalidInputError } from '../errors.ts';
import { checkInput } from '../platform/check-input.ts';
import { newUuid } from '../platform/ids.ts';
import { description, eventId, name, payout, type PayoutInput, toStoredPayout } from './campaign-input.ts';
import { IdTakenError } from './errors.ts';

export interface CreateEventTypeInput {
  readonly eventId: string;
  readonly name?: string | null | undefined;
  readonly description?: string | null | undefined;
  readonly isConversion?: boolean | null | undefined;
  readonly allowRepeats?: boolean | null | undefined;
  readonly payout?: PayoutInput | null | undefined;
}

export const createEventTypeErrors = [InvalidInputError, IdTakenError] as const;

const schema = z.object({
  eventId,
  name: name.nullish(),
  description,
  isConversion: z.boolean().nullish(),
  allowRepeats: z.boolean().nullish(),
  payout,
});

/** Configures an event id for the account: every campaign can pick it. */
export async function createEventType(
  ctx: Pick<Context, 'db' | 'viewer' | 'campaigns'>,
  input: CreateEventTypeInput,
): Promise<{ readonly eventType: EventType }> {
  const accountId = authorize(ctx.viewer, 'administer');
  const checked = checkInput(schema, input);
  const data = [
    {
      id: newUuid(),
      accountId,
      eventId: checked.eventId,
      name: checked.name ?? checked.eventId,
      description: checked.description ?? null,
      isConversion: checked.isConversion ?? false,
      allowRepeats: checked.allowRepeats ?? false,
      ...toStoredPayout(checked.payout),
    },
  ];
  const [eventType] = await ctx.db.eventType.createManyAndReturn({ data, skipDuplicates: true });
  if (!eventType) throw new IdTakenError('event id');
  ctx.campaigns.forget();
  return { eventType };
}
