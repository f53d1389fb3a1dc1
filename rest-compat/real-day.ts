/** Whether a day written YYYY-MM-DD exists: 2026-02-30 does not, though Date would make a March day of it; no calendar has a year 0. */
export function isRealDay(text: string): boolean {
  const [year = 0, month = 0, day = 0] = text.split('-').map(Number);
  const lastOfMonth = new Date(Date.UTC(2000 + (year % 400), month, 0)).getUTCDate();
  return year >= 1 && month >= 1 && month <= 12 && day >= 1 && day <= lastOfMonth;
}
