import { z } from 'zod';
import { nameSchema } from '../auth/name.ts';
import type { LeadFilter } from '../leads/lead-filter.ts';
import { saveLead, webhookEvents } from './events.ts';
import { type PayloadFormat, payloadFormats } from './payload.ts';
import { placeholderNames, unknownPlaceholders } from './placeholders.ts';
import { isSecret } from './signature.ts';
import { webhookMethods } from './webhook.ts';

/** What people set of a webhook, as the graph hands it over. Absent: stays, or is as usual. */
export interface WebhookSettings {
  readonly name?: string | null | undefined;
  readonly url?: string | null | undefined;
  readonly method?: string | null | undefined;
  readonly headers?: unknown;
  readonly enabled?: boolean | null | undefined;
  readonly events?: readonly string[] | null | undefined;
  readonly filter?: LeadFilter | null | undefined;
  readonly payloadFormat?: string | null | undefined;
}

const oneOf = (known: readonly string[]) => z.string().refine((text) => known.includes(text), `must be one of ${known.join(', ')}`);

/** Null is as good as absent: none of these can be nothing. */
const optional = <Schema extends z.ZodType>(schema: Schema) => schema.nullish().transform((value) => value ?? undefined);

export const settingsSchema = z.object({
  name: optional(nameSchema),
  url: optional(
    z.string().superRefine((url, check) => {
      const [unknown] = unknownPlaceholders(url);
      if (unknown === undefined) return;
      const message = `has the unknown placeholder {${unknown}}; there are ${placeholderNames.join(', ')}`;
      check.addIssue({ code: 'custom', message, params: { code: 'UNKNOWN_PLACEHOLDER' } });
    }),
  ),
  method: optional(
    z
      .string()
      .transform((method) => method.trim().toUpperCase())
      .pipe(oneOf(webhookMethods)),
  ),
  enabled: optional(z.boolean()),
  events: optional(
    z
      .array(oneOf(webhookEvents))
      .min(1, 'must name at least one event')
      .transform((events) => [...new Set(events)]),
  ),
  payloadFormat: optional(
    z
      .string()
      .transform((format) => format.trim().toLowerCase())
      .pipe(oneOf(payloadFormats)),
  ),
  secret: optional(z.string().refine(isSecret, 'must be `whsec_` and the base64 of 24 to 64 bytes')),
});

/** The documented payload does not say what happened: it fits where there is only one thing to say. */
export const usualFormat = (events: readonly string[]): PayloadFormat => (events.every((event) => event === saveLead) ? 'legacy' : 'full');
