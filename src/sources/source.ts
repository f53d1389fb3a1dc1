import type { Source } from '../../prisma/generated/client/client.ts';
import { isWellFormedKey, issueKey } from '../auth/api-key.ts';

/** What intake has to know of a source. */
export type ActiveSource = Pick<
  Source,
  | 'id'
  | 'accountId'
  | 'name'
  | 'enabled'
  | 'complianceApproved'
  | 'requiresTrustedForm'
  | 'allowedStates'
  | 'allowedProducts'
  | 'defaultTags'
  | 'costPerLead'
>;

const marker = 'lp_src_';

export const issueSourceKey = () => issueKey(marker);

/** Whether a text can be the key of a source: told by its checksum, before any query. */
export const isSourceKey = (text: string): boolean => isWellFormedKey(marker, text);

/** Whether a text was meant to be one, however mistyped. */
export const claimsToBeSourceKey = (text: string): boolean => text.startsWith(marker);

/** As products are compared: case and spacing do not matter. */
export const toProductKey = (product: string): string => product.trim().replace(/\s+/g, ' ').toLowerCase();
