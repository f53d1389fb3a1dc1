-- There are sums of days for every filter now, and of hours without one: the reader counts the logs anew, from the first change on.
TRUNCATE "RollupTuple", "RollupCell";
DELETE FROM "Rollup" WHERE NOT "isServed";
UPDATE "Rollup" SET seq = 0;
