import { afterAll, beforeAll, it } from 'vitest';
import { type Cluster, startCluster } from './cluster.ts';
import { restartOneByOne } from './restart-one-by-one.ts';

let cluster: Cluster;
beforeAll(async () => {
  cluster = await startCluster(2);
});
afterAll(() => cluster.end());

it('fails no request and loses no change while one server after the other is restarted under load', () => restartOneByOne(cluster), 90_000);
