import type { Campaign, CampaignEvent, EventType } from '../../prisma/generated/client/client.ts';
import type { Context } from '../context.ts';
import { createBatchLoader } from '../platform/batch-loader.ts';
import { type EventSettings, toSettings } from './event-settings.ts';

type Reader = Pick<Context, 'database'>;

/** The events of a campaign with their settings: those that it picked, in its order; all of the account's when it picked none. */
export const findCampaignEvents = createBatchLoader<Reader, string, Campaign, readonly EventSettings[]>(
  async ({ database }, accountId, campaigns) => {
    const [types, picked] = await Promise.all([
      database.readPool.query<EventType>({
        name: 'event-types',
        text: 'SELECT * FROM "EventType" WHERE "accountId" = $1 ORDER BY "createdAt", id',
        values: [accountId],
      }),
      database.readPool.query<CampaignEvent>({
        name: 'campaign-events',
        text: 'SELECT * FROM "CampaignEvent" WHERE "campaignId" = ANY($1::uuid[]) ORDER BY position',
        values: [campaigns.map((campaign) => campaign.id)],
      }),
    ]);
    const byId = new Map(types.rows.map((eventType) => [eventType.id, eventType]));
    return campaigns.map(({ id }) => {
      const own = picked.rows.filter((event) => event.campaignId === id);
      if (own.length === 0) return types.rows.map((eventType) => toSettings(eventType));
      return own.flatMap((event) => {
        const eventType = byId.get(event.eventTypeId);
        return eventType ? [toSettings(eventType, event)] : [];
      });
    });
  },
);

export const findEventTypeById = createBatchLoader<Reader, string, string, EventType | null>(async ({ database }, accountId, ids) => {
  const { rows } = await database.readPool.query<EventType>({
    name: 'event-types-by-id',
    text: 'SELECT * FROM "EventType" WHERE id = ANY($1::uuid[]) AND "accountId" = $2',
    values: [ids, accountId],
  });
  const byId = new Map(rows.map((row) => [row.id, row]));
  return ids.map((id) => byId.get(id) ?? null);
});

export const findCampaignById = createBatchLoader<Reader, string, string, Campaign | null>(async ({ database }, accountId, ids) => {
  const { rows } = await database.readPool.query<Campaign>({
    name: 'campaigns-by-id',
    text: 'SELECT * FROM "Campaign" WHERE id = ANY($1::uuid[]) AND "accountId" = $2',
    values: [ids, accountId],
  });
  const byId = new Map(rows.map((row) => [row.id, row]));
  return ids.map((id) => byId.get(id) ?? null);
});

/** The campaign that a text on a lead means: a cid, or else a name; of several with one name the oldest. */
export const findCampaignByText = createBatchLoader<Reader, string, string, Campaign | null>(async ({ database }, accountId, texts) => {
  const { rows } = await database.readPool.query<Campaign>({
    name: 'campaigns-by-text',
    text: 'SELECT * FROM "Campaign" WHERE "accountId" = $1 AND (cid = ANY($2::text[]) OR name = ANY($2::text[])) ORDER BY id DESC',
    values: [accountId, texts],
  });
  const byName = new Map(rows.map((row) => [row.name, row]));
  const byCid = new Map(rows.map((row) => [row.cid, row]));
  return texts.map((text) => byCid.get(text) ?? byName.get(text) ?? null);
});
