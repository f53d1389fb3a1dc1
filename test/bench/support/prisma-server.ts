import { PrismaPg } from '@prisma/adapter-pg';
import Fastify from 'fastify';
import { PrismaClient } from '../../../prisma/generated/client/client.ts';
import { newUuid } from '../../../src/platform/ids.ts';

/**
 * How such a server is usually written: a route handler that looks the lead up and writes row by row in a Prisma interactive transaction.
 * (On Fastify, which is kinder to it than Express.) Seq and lead number are counted up on the LogHead row, since they must have no holes.
 */
const prisma = new PrismaClient({ adapter: new PrismaPg({ connectionString: process.env['DATABASE_URL'] ?? '', max: 16 }) });
const account = await prisma.account.findFirstOrThrow();
const stages = [
  'Form Started',
  'Form In Progress',
  'Form Completed',
  'Application Submitted',
  'Payment Pending',
  'Paid',
  'Processing',
  'Completed',
];
const app = Fastify();

interface Body {
  readonly email: string;
  readonly stage?: string;
  readonly first_name?: string;
  readonly source?: string;
  readonly domain?: string;
  readonly campaign?: string;
  readonly browser?: string;
  readonly device_type?: string;
  readonly form_completion_percent?: number;
}

const fieldsOf = (body: Body) => ({
  ...(body.first_name !== undefined && { firstName: body.first_name }),
  ...(body.source !== undefined && { sourceName: body.source }),
  ...(body.domain !== undefined && { domain: body.domain }),
  ...(body.campaign !== undefined && { campaignName: body.campaign }),
  ...(body.browser !== undefined && { browser: body.browser }),
  ...(body.device_type !== undefined && { deviceType: body.device_type }),
  ...(body.form_completion_percent !== undefined && { formPercent: body.form_completion_percent }),
});

app.post<{ Body: Body }>('/api/postback', async ({ body }) => {
  const emailKey = body.email.trim().toLowerCase();
  const now = new Date();
  return prisma.$transaction(
    async (tx) => {
      const found = await tx.lead.findFirst({ where: { accountId: account.id, emailKey } });
      const moves = stages.indexOf(body.stage ?? 'Form Started') > (found ? stages.indexOf(found.stage) : -1);
      const head = await tx.logHead.update({
        where: { accountId: account.id },
        data: { seq: { increment: 1 }, leadNumber: { increment: found ? 0 : 1 } },
      });
      const stage = moves ? (body.stage ?? 'Form Started') : (found?.stage ?? 'Form Started');
      const lead = found
        ? await tx.lead.update({ where: { id: found.id }, data: { ...fieldsOf(body), stage, updatedAt: now } })
        : await tx.lead.create({
            data: {
              id: newUuid(),
              accountId: account.id,
              number: head.leadNumber,
              stage,
              email: body.email,
              emailKey,
              ...fieldsOf(body),
              createdAt: now,
              updatedAt: now,
            },
          });
      const submission = await tx.submission.create({
        data: {
          id: newUuid(),
          accountId: account.id,
          leadId: lead.id,
          dialect: 'prisma',
          actor: 'prisma',
          outcome: found ? 'UPDATED' : 'CREATED',
          fields: {},
          reasons: [],
          body: { ...body },
          receivedAt: now,
          durationMs: 0,
        },
      });
      if (moves) {
        await tx.stageChange.create({
          data: {
            id: newUuid(),
            accountId: account.id,
            leadId: lead.id,
            fromStage: found?.stage ?? null,
            toStage: stage,
            forced: false,
            via: 'postback',
            actor: 'prisma',
            occurredAt: now,
            recordedAt: now,
          },
        });
      }
      await tx.change.create({
        data: {
          id: newUuid(),
          accountId: account.id,
          seq: head.seq,
          type: found ? 'lead.updated' : 'lead.created',
          leadId: lead.id,
          origin: 'prisma',
          actor: 'prisma',
          summary: 'postback',
          data: { lead: JSON.parse(JSON.stringify(lead, (_, value: unknown) => (typeof value === 'bigint' ? Number(value) : value))) },
          submissionId: submission.id,
          occurredAt: now,
          recordedAt: now,
        },
      });
      return { success: true, lead_id: lead.id, created: !found, stage, stage_changed: moves };
    },
    { maxWait: 30_000, timeout: 30_000 },
  );
});

await app.listen({ port: Number(process.env['PORT']), host: '127.0.0.1' });
process.stdout.write('ready\n');
