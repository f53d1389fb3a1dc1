import { readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, it } from 'vitest';
import { type Cluster, startClusterBehind } from '../cluster/cluster.ts';
import { restartOneByOne } from '../cluster/restart-one-by-one.ts';
import { startHaproxyBefore } from './real-proxy.ts';

const compose = readFileSync(path.join(import.meta.dirname, '../../compose.yaml'), 'utf8');
let cluster: Cluster;
beforeAll(async () => {
  cluster = await startClusterBehind(startHaproxyBefore, 2, Number(/DRAIN_SECONDS: (\d+)/.exec(compose)?.[1]));
});
afterAll(() => cluster.end());

it('fails no request and loses no change behind HAProxy as compose.yaml has it, while one server after the other is restarted', () =>
  restartOneByOne(cluster));
