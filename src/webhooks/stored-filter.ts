import { z } from 'zod';
import type { LeadFilter } from '../leads/lead-filter.ts';

const time = z.iso
  .datetime()
  .transform((text) => new Date(text))
  .nullish();
const list = z.array(z.string()).nullish();

/** Every field of `LeadFilter`: one that is missing here would not compile, rather than restrict nothing. */
const fields = {
  stage: list,
  search: z.string().nullish(),
  source: list,
  sourceId: list,
  campaign: list,
  domain: list,
  createdFrom: time,
  createdTo: time,
  updatedFrom: time,
  updatedTo: time,
  hasEvent: z.string().nullish(),
  deviceType: list,
  tags: list,
  duplicates: z.enum(['EXCLUDE', 'INCLUDE', 'ONLY']).nullish(),
} satisfies Readonly<Record<keyof LeadFilter, z.ZodType>>;

const stored = z.object(fields);

/** A filter as it was stored: JSON has no times. */
export const parseStoredFilter = (json: unknown): LeadFilter => stored.parse(json);

const isSet = (value: unknown): boolean => value != null && value !== '' && !(Array.isArray(value) && value.length === 0);

/** Whether it restricts anything: then the snapshots of the leads have to be looked at. */
export const isRestricting = (filter: LeadFilter): boolean => Object.values(filter).some((value) => isSet(value) && value !== 'INCLUDE');
