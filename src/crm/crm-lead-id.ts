import { z } from 'zod';
import { hasControlCharacter } from '../platform/text.ts';
import { maxCrmLeadIdLength } from './crm-activity.ts';

/** A CRM's id of a lead: compared exactly, but for space around it. */
export const crmLeadId = z
  .string()
  .trim()
  .min(1, 'is required')
  .max(maxCrmLeadIdLength, `must have at most ${maxCrmLeadIdLength} characters`)
  .refine((value) => !hasControlCharacter(value) && value.isWellFormed(), 'must not contain control characters');
