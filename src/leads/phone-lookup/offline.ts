import { areaCodes } from './area-codes.ts';
import type { PhoneLookup } from './phone-lookup.ts';

const kinds = { GEOGRAPHIC: null, TOLL_FREE: 'TollFree', PREMIUM: 'PremiumRate' } as const;

/** What the number itself says, without asking anybody. Whether it is a mobile phone cannot be told from a North American number. */
export const offlinePhoneLookup: PhoneLookup = {
  name: 'offline',
  lookUp(e164) {
    if (!e164.startsWith('+1')) return null;
    const area = areaCodes.get(e164.slice(2, 5));
    if (!area) return { country: 'US', region: null, type: null, timeZones: [] };
    return { country: area.country, region: area.region, type: kinds[area.kind], timeZones: area.timeZones };
  },
};
