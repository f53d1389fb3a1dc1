import { z } from 'zod';
import type { EventType } from '../../prisma/generated/client/client.ts';
import { authorize } from '../auth/policy.ts';
import type { Context } from '../context.ts';
import { InvalidInputError } from '../errors.ts';
import { checkInput } from '../platform/check-input.ts';
import { uuidOf } from '../platform/ids.ts';
import { description, name, payout, type PayoutInput, toStoredPayout } from './campaign-input.ts';
import { EventTypeNotFoundError } from './errors.ts';

export interface UpdateEventTypeInput {
  readonly eventTypeId: string;
  readonly name?: string | null | undefined;
  readonly description?: string | null | undefined;
  readonly isConversion?: boolean | null | undefined;
  readonly allowRepeats?: boolean | null | undefined;
  readonly payout?: PayoutInput | null | undefined;
}

export const updateEventTypeErrors = [InvalidInputError, EventTypeNotFoundError] as const;

const schema = z.object({
  name: name.nullish(),
  description,
  isConversion: z.boolean().nullish(),
  allowRepeats: z.boolean().nullish(),
  payout,
});

/** Changes what is given; `description` and `payout` are taken away by null. The event id stays: fired events go by it. */
export async function updateEventType(
  ctx: Pick<Context, 'db' | 'viewer' | 'campaigns'>,
  input: UpdateEventTypeInput,
): Promise<{ readonly eventType: EventType }> {
  const accountId = authorize(ctx.viewer, 'administer');
  const checked = checkInput(schema, input);
  const id = uuidOf('EventType', input.eventTypeId);
  if (id === null) throw new EventTypeNotFoundError();
  const [eventType] = await ctx.db.eventType.updateManyAndReturn({
    where: { id, accountId },
    data: {
      ...(checked.name && { name: checked.name }),
      ...(checked.description !== undefined && { description: checked.description }),
      ...(typeof checked.isConversion === 'boolean' && { isConversion: checked.isConversion }),
      ...(typeof checked.allowRepeats === 'boolean' && { allowRepeats: checked.allowRepeats }),
      ...(checked.payout !== undefined && toStoredPayout(checked.payout)),
    },
  });
  if (!eventType) throw new EventTypeNotFoundError();
  ctx.campaigns.forget();
  return { eventType };
}
