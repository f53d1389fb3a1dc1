import type { CertificateCheck, Lead } from '../../prisma/generated/client/client.ts';
import type { Services } from '../context.ts';
import { type CertificateVerdict, verifyWithin } from '../trusted-form/certificate-verifier.ts';
import { parseCertificateUrl } from '../trusted-form/certificate-url.ts';
import { leadUpdated } from './changes.ts';
import { reasonOf } from '../platform/error-reason.ts';

const everyMs = 5000;
const atOnce = 10;
const deadlineMs = 10_000;
/** Longer than a check takes: a process that dies with one leaves it to the others after this. */
const leaseSeconds = 30;
/** From half a minute to six hours between tries: about three days in all. */
const waitsSeconds = [30, 120, 600, 1800, 3600, 7200, 21_600] as const;
const mostAttempts = 18;

export interface CertificateRechecks {
  /** Looks at what is due now. Resolves when that is settled. */
  readonly runNow: () => Promise<void>;
  readonly stop: () => Promise<void>;
}

/**
 * Asks again for certificates whose host could not be reached. Any number of processes may do so: each check is claimed by the database's
 * clock, and the verdict goes through the writer like every other change of a lead.
 */
export function recheckCertificates(services: Pick<Services, 'database' | 'writer' | 'certificates' | 'log'>): CertificateRechecks {
  const { database, log } = services;
  let running: Promise<void> | null = null;

  async function runDue(): Promise<void> {
    const { rows } = await database.writePool.query<CertificateCheck>({
      name: 'claim-certificate-checks',
      text: `UPDATE "CertificateCheck" SET "nextAttemptAt" = now() + make_interval(secs => $1::int)
        WHERE "leadId" IN (SELECT "leadId" FROM "CertificateCheck" WHERE "nextAttemptAt" <= now() ORDER BY "nextAttemptAt" LIMIT $2::int
          FOR UPDATE SKIP LOCKED)
        RETURNING *`,
      values: [leaseSeconds, atOnce],
    });
    await Promise.all(rows.map((check) => recheck(services, check)));
  }

  const runNow = (): Promise<void> =>
    (running ??= runDue()
      .catch((error: unknown) => {
        log.warn({ reason: reasonOf(error) }, 'certificates could not be checked again');
      })
      .finally(() => {
        running = null;
      }));

  const timer = setInterval(() => void runNow(), everyMs);
  timer.unref();
  return {
    runNow,
    async stop() {
      clearInterval(timer);
      await running;
    },
  };
}

async function recheck(services: Pick<Services, 'database' | 'writer' | 'certificates'>, check: CertificateCheck): Promise<void> {
  const { url } = parseCertificateUrl(check.url);
  const verdict = url ? await verifyWithin(services.certificates, url, deadlineMs) : 'REFUSED';
  const isLast = check.attempts + 1 >= mostAttempts;
  if (verdict === 'UNREACHABLE' && !isLast) return postpone(services, check);
  await settle(services, check, statuses[verdict]);
}

const statuses: Readonly<Record<CertificateVerdict, string>> = { ACCEPTED: 'VERIFIED', REFUSED: 'REFUSED', UNREACHABLE: 'UNREACHABLE' };

async function postpone({ database }: Pick<Services, 'database'>, { leadId, attempts }: CertificateCheck): Promise<void> {
  const seconds = waitsSeconds[Math.min(attempts, waitsSeconds.length - 1)] ?? 0;
  await database.writePool.query({
    name: 'postpone-certificate-check',
    text: `UPDATE "CertificateCheck" SET attempts = attempts + 1, "nextAttemptAt" = now() + make_interval(secs => $2::int) WHERE "leadId" = $1`,
    values: [leadId, seconds],
  });
}

/** The lead first, then the check: after a crash in between the host is asked once more, and the lead says so already. */
async function settle({ database, writer }: Pick<Services, 'database' | 'writer'>, check: CertificateCheck, status: string): Promise<void> {
  const { accountId, leadId, url } = check;
  await writer.write(accountId, 'system', {
    operation: 'settleCertificate',
    touches: { ids: [leadId] },
    idempotency: null,
    apply(draft): null {
      const lead = draft.leadById(leadId);
      if (lead?.trustedFormUrl !== url || lead.trustedFormStatus !== 'PENDING') return null;
      const settled: Lead = { ...lead, trustedFormStatus: status, updatedAt: draft.now };
      draft.put('Lead', settled);
      const cause = { origin: 'system', actor: 'certificate check', occurredAt: draft.now };
      draft.recordChange(leadUpdated(settled, { trustedFormStatus: lead.trustedFormStatus }, cause));
      return null;
    },
  });
  await database.writePool.query({
    name: 'end-certificate-check',
    text: 'DELETE FROM "CertificateCheck" WHERE "leadId" = $1',
    values: [leadId],
  });
}
