import { postJson } from './load.ts';

/**
 * The documented postback, as a funnel sends it: every lead begins with "Form Started", and half of the requests come again for an email
 * that was seen before, with "Application Submitted". `varied`: from 41 campaigns, each of one of five sources and for one of 19 sites, and from three devices, rather than from one of each.
 */
export function createPostbacks(run: string, varied = false): { readonly next: () => Buffer; readonly sent: () => number } {
  let sent = 0;
  const one = (value: string, n: number, of: number, among = 41): string => (varied ? `${value}-${((n * 7919) % among) % of}` : value);
  return {
    sent: () => sent,
    next() {
      const n = sent++;
      const repeated = n % 2 === 1 && n > 400;
      // 400 requests later the first one was answered, so the repetition meets a stored lead.
      const email = `lead${repeated ? n - 401 : n}.${run}@example.com`;
      const body = repeated
        ? {
            email,
            stage: 'Application Submitted',
            form_completion_percent: 100,
            form_fields_completed: 12,
            form_fields_total: 12,
            custom_data: { n },
          }
        : {
            email,
            first_name: 'John',
            stage: 'Form Started',
            source: one('google', n, 5),
            domain: one('myeinregistry.com', n, 19),
            campaign: one('llc-spring-2026', n, 41),
            utm_source: 'google',
            utm_medium: 'cpc',
            utm_campaign: 'llc-spring-2026',
            ip_address: '192.168.1.1',
            browser: 'Chrome 124',
            device_type: one('desktop', n, 3, 3),
            form_completion_percent: 10,
            form_fields_total: 12,
            custom_data: { n },
          };
      return postJson('/api/postback', JSON.stringify(body));
    },
  };
}
