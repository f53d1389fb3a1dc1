import { erasedType } from './erased-leads.ts';

/** Where entries of the log are found: SELECTs of the columns of `entry`. */
export interface LogEntries {
  readonly batch: (entry: string) => string;
  /** What the log says of a lead before the batch; null: nothing. */
  readonly before: ((entry: string, leadId: string) => string) | null;
}

const entry = 'seq, type, "leadId", "occurredAt", data';

/** What a lead counts for, as an entry shows it. */
const stateOf = (last: string): string => `rollup_key(s.stage) AS stage, rollup_key(s."sourceName") AS source,
        rollup_key(s."campaignName") AS campaign, rollup_key(s.domain) AS domain, rollup_key(s."deviceType") AS device,
        rollup_quarter(s."createdAt") AS quarter, s."formPercent" AS form, coalesce(s.cost, 0) AS cost, coalesce(s."adSpend", 0) AS "adSpend"
      FROM (${last}) k
      CROSS JOIN LATERAL json_to_record(k.data->'lead') AS s(stage text, "sourceName" text, "campaignName" text, domain text,
        "deviceType" text, "createdAt" timestamptz, "formPercent" numeric, cost numeric, "adSpend" numeric)
      WHERE k.type <> 'lead.deleted' AND s.stage IS NOT NULL`;

/**
 * Entries of the log as contributions to the cells: of every lead that they touch, what it counted for before (taken away) and what it counts
 * for now (added). Both states are read from the log, where every change carries the lead as it stood, so deletions, moves and new
 * attributions restate whatever the lead had counted for, its events and stays included. Erased leads go on counting (see erased-leads.ts).
 */
export const logContributions = ({ batch, before }: LogEntries): string => `
  WITH batch AS MATERIALIZED (${batch(entry)}),
  touched AS MATERIALIZED (
    SELECT "leadId", bool_or(type = 'lead.created') AS "isNew" FROM batch WHERE type <> '${erasedType}' GROUP BY "leadId"
  ),
  known AS MATERIALIZED (
    SELECT *, true AS fresh FROM batch WHERE type <> '${erasedType}'${
      before === null
        ? ''
        : `
    UNION ALL
    SELECT h.*, false FROM touched t CROSS JOIN LATERAL (${before(entry, 't."leadId"')}) h WHERE NOT t."isNew"`
    }
  ),
  states AS MATERIALIZED (
    SELECT k."leadId", k.fresh, CASE WHEN k.fresh THEN 1 ELSE -1 END AS sign,
        ${stateOf('SELECT DISTINCT ON ("leadId", fresh) * FROM known ORDER BY "leadId", fresh, seq DESC')}
  ),
  entries AS (
    SELECT seq, type, "leadId", fresh, data, greatest(0, extract(epoch FROM "occurredAt" - lag("occurredAt") OVER entered)) AS seconds
      FROM known WHERE type IN ('lead.created', 'stage.changed') WINDOW entered AS (PARTITION BY "leadId" ORDER BY seq)
  )
  SELECT source, campaign, domain, device, 'L' AS kind, stage AS item, 0 AS step, quarter,
      sign AS leads, CASE WHEN form IS NULL THEN 0 ELSE sign END AS "formLeads", sign * coalesce(round(form, 4), 0) AS "formPercents",
      sign * cost AS cost, sign * "adSpend" AS "adSpend",
      0 AS events, 0 AS conversions, 0 AS revenue, 0 AS payout, 0 AS stays, 0 AS "staySeconds"
    FROM states
  UNION ALL
  SELECT s.source, s.campaign, s.domain, s.device, 'E', rollup_key(e."eventId"), 0, rollup_quarter(k."occurredAt"),
      0, 0, 0, 0, 0, s.sign, CASE WHEN e."isConversion" THEN s.sign ELSE 0 END,
      CASE WHEN e."isConversion" THEN s.sign * coalesce(e.revenue, 0) ELSE 0 END, s.sign * coalesce(e.payout, 0), 0, 0
    FROM known k JOIN states s ON s."leadId" = k."leadId" AND (s.fresh OR NOT k.fresh)
    CROSS JOIN LATERAL json_to_record(k.data->'leadEvent') AS e("eventId" text, "isConversion" boolean, revenue numeric, payout numeric)
    WHERE k.type LIKE 'event.%' AND e."eventId" IS NOT NULL
  UNION ALL
  -- Nobody asks for stays by device.
  SELECT s.source, s.campaign, s.domain, '', 'T', rollup_key(m."fromStage"), rollup_step(n.seconds), s.quarter,
      0, 0, 0, 0, 0, 0, 0, 0, 0, s.sign, s.sign * n.seconds
    FROM entries n JOIN states s ON s."leadId" = n."leadId" AND (s.fresh OR NOT n.fresh)
    CROSS JOIN LATERAL json_to_record(n.data->'stageChange') AS m("fromStage" text, forced boolean)
    WHERE n.type = 'stage.changed' AND n.seconds IS NOT NULL AND NOT m.forced AND m."fromStage" IS NOT NULL
  UNION ALL
  SELECT source, campaign, domain, device, 'X', stage, 0, quarter, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0
    FROM (SELECT ${stateOf(`SELECT * FROM batch WHERE type = '${erasedType}'`)}) gone`;
