-- What the numbers (src/analytics) need of a log entry's data, and nothing of the person: an entry that was reduced to it counts as before.
CREATE FUNCTION rollup_counted(data JSON) RETURNS JSON LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT json_strip_nulls(json_build_object(
        'lead', (SELECT json_object_agg(key, value) FROM json_each(data->'lead') WHERE key IN
            ('stage', 'sourceName', 'campaignName', 'domain', 'deviceType', 'createdAt', 'formPercent', 'cost', 'adSpend')),
        'leadEvent', (SELECT json_object_agg(key, value) FROM json_each(data->'leadEvent') WHERE key IN
            ('eventId', 'isConversion', 'revenue', 'payout')),
        'stageChange', (SELECT json_object_agg(key, value) FROM json_each(data->'stageChange') WHERE key IN
            ('fromStage', 'toStage', 'forced'))))
$$;
