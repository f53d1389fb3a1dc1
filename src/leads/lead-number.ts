const maxNumber = 2_147_483_647;

/** The short number by which people know a lead; null when the text is none. */
export const toLeadNumber = (text: string): number | null => (/^\d{1,10}$/.test(text) && Number(text) <= maxNumber ? Number(text) : null);
