import type pg from 'pg';
import type { Campaign, CampaignEvent, EventType } from '../../prisma/generated/client/client.ts';
import { createBriefMemory } from '../auth/brief-memory.ts';
import { UnavailableError } from '../errors.ts';
import { whyUnavailable } from '../platform/database.ts';
import { uuidOf } from '../platform/ids.ts';
import { isStorable } from '../platform/parameters.ts';
import { type EventSettings, toSettings } from './event-settings.ts';

/** What the account has configured for events, as it stood at one moment. */
export interface AccountEvents {
  readonly accountId: string;
  /** By cid, or by id with or without prefix. */
  readonly findCampaign: (text: string) => KnownCampaign | null;
  /** The campaign that a lead belongs to whose `campaign` says this: a cid, or else a name. */
  readonly campaignOf: (text: string | null) => KnownCampaign | null;
  /** The account's event types by event id, for leads that belong to no campaign. */
  readonly events: ReadonlyMap<string, EventSettings>;
  /** Whether events may come from the source with this `pid`. */
  readonly isActiveSource: (pid: string) => boolean;
}

export interface KnownCampaign {
  readonly campaign: Campaign;
  /** By event id: those that the campaign picked; all of the account's when it picked none. */
  readonly events: ReadonlyMap<string, EventSettings>;
}

/** Where events that come without a key belong: known within the process, so that firing an event reads no configuration. */
export interface CampaignBook {
  /** Null: there is no such account. */
  readonly ofAccount: (accountId: string) => AccountEvents | null | Promise<AccountEvents | null>;
  /** The account whose campaign has this cid or id; null: none. */
  readonly accountOfCampaign: (cid: string) => string | null | Promise<string | null>;
  /** Call after changing a campaign, an event type or a source: here it counts at once, in other processes within a second. */
  readonly forget: () => void;
}

const keepMs = 1000;
const maxEntries = 10_000;

export const organicPid = 'organic';

export function createCampaignBook(pool: pg.Pool): CampaignBook {
  const open = () => ({
    accounts: createBriefMemory({ keepMs, maxEntries, load: (accountId) => whenAnswered(readAccount(pool, accountId)) }),
    scopes: createBriefMemory({ keepMs, maxEntries, load: (cid) => whenAnswered(findAccount(pool, cid)) }),
  });
  let memory = open();
  return {
    ofAccount: (accountId) => memory.accounts.get(accountId),
    accountOfCampaign: (cid) => memory.scopes.get(cid),
    forget() {
      memory = open();
    },
  };
}

async function whenAnswered<Value>(asked: Promise<Value>): Promise<Value> {
  try {
    return await asked;
  } catch (error) {
    const unavailable = whyUnavailable(error);
    throw unavailable ? new UnavailableError(unavailable) : error;
  }
}

async function findAccount(pool: pg.Pool, cid: string): Promise<string | null> {
  if (!isStorable(cid)) return null;
  const { rows } = await pool.query<{ accountId: string }>({
    name: 'account-of-campaign',
    text: 'SELECT "accountId" FROM "Campaign" WHERE cid = $1 OR id = $2::uuid ORDER BY cid = $1 DESC LIMIT 1',
    values: [cid, uuidOf('Campaign', cid)],
  });
  return rows[0]?.accountId ?? null;
}

async function readAccount(pool: pg.Pool, accountId: string): Promise<AccountEvents | null> {
  const read = <Row extends object>(name: string, text: string) => pool.query<Row>({ name, text, values: [accountId] });
  const [accounts, eventTypes, campaigns, picked, sources] = await Promise.all([
    read('events-account', 'SELECT id FROM "Account" WHERE id = $1'),
    read<EventType>('events-types', 'SELECT * FROM "EventType" WHERE "accountId" = $1 ORDER BY "createdAt", id'),
    read<Campaign>('events-campaigns', 'SELECT * FROM "Campaign" WHERE "accountId" = $1 ORDER BY id'),
    read<CampaignEvent>(
      'events-picked',
      'SELECT e.* FROM "Campaign" c JOIN "CampaignEvent" e ON e."campaignId" = c.id WHERE c."accountId" = $1 ORDER BY e.position',
    ),
    read<{ id: string; pid: string | null; enabled: boolean }>(
      'events-sources',
      'SELECT id, pid, enabled FROM "Source" WHERE "accountId" = $1',
    ),
  ]);
  if (accounts.rows.length === 0) return null;
  const pids = new Map(
    sources.rows.flatMap(({ id, pid, enabled }) => [...(pid === null ? [] : [[pid, enabled] as const]), [id, enabled] as const]),
  );
  return {
    ...toCampaigns(eventTypes.rows, campaigns.rows, picked.rows),
    accountId,
    isActiveSource: (pid) => pid === organicPid || pids.get(pid) === true,
  };
}

function toCampaigns(
  eventTypes: readonly EventType[],
  campaigns: readonly Campaign[],
  picked: readonly CampaignEvent[],
): Pick<AccountEvents, 'findCampaign' | 'campaignOf' | 'events'> {
  const types = new Map(eventTypes.map((eventType) => [eventType.id, eventType]));
  const events = new Map(eventTypes.map((eventType) => [eventType.eventId, toSettings(eventType)]));
  const pickedBy = new Map<string, CampaignEvent[]>();
  for (const event of picked) pickedBy.set(event.campaignId, [...(pickedBy.get(event.campaignId) ?? []), event]);
  const known = campaigns.map((campaign): KnownCampaign => {
    const own = pickedBy.get(campaign.id)?.flatMap((event) => {
      const eventType = types.get(event.eventTypeId);
      return eventType ? [[eventType.eventId, toSettings(eventType, event)] as const] : [];
    });
    return { campaign, events: own ? new Map(own) : events };
  });
  const byCid = new Map(known.map((one) => [one.campaign.cid, one]));
  const byId = new Map(known.map((one) => [one.campaign.id, one]));
  // Of several with one name the oldest: ids rise with time.
  const byName = new Map(known.toReversed().map((one) => [one.campaign.name, one]));
  return {
    events,
    findCampaign: (text) => byCid.get(text) ?? byId.get(uuidOf('Campaign', text) ?? '') ?? null,
    campaignOf: (text) => (text === null ? null : (byCid.get(text) ?? byName.get(text) ?? null)),
  };
}
