import { expect } from 'vitest';
import { times, until, wait } from '../live/change-log.ts';
import { type Cluster, followChanges } from './cluster.ts';

/** Writes and reads through the proxy, as fast as it is answered, and keeps every answer that is not the right one. */
function keepAsking(cluster: Cluster) {
  const failures: string[] = [];
  let acknowledged = 0;
  let number = 0;
  const over = new AbortController();

  async function ask(): Promise<void> {
    while (!over.signal.aborted) {
      const email = `rolling${(number += 1)}@example.com`;
      try {
        const { status } = await cluster.post('/api/postback', { email, stage: 'Form Started' });
        if (status === 201) acknowledged += 1;
        else failures.push(`postback: ${status}`);
        const { lead } = await cluster.graphql('query ($email: String!) { lead(by: { email: $email }) { email } }', { email });
        if (lead?.email !== email) failures.push('a lead that was acknowledged is not there');
      } catch (error) {
        failures.push(String(error));
      }
    }
  }

  const running = Promise.all(times(8, ask));
  return {
    failures,
    acknowledged: () => acknowledged,
    async stop() {
      over.abort();
      await running;
    },
  };
}

/** Follows the log through the proxy, over one connection after another. */
function keepFollowing(cluster: Cluster) {
  const seqs: number[] = [];
  let cursor: string | null = null;
  let connections = 0;
  const over = new AbortController();

  async function follow(): Promise<void> {
    while (!over.signal.aborted) {
      connections += 1;
      try {
        for await (const message of followChanges(cluster.proxy.url, cursor)) {
          cursor = message.cursor;
          if (message.change) seqs.push(message.change.seq);
          if (over.signal.aborted) break;
        }
      } catch {
        // Its server went away and said so: another one takes it.
        await wait(20);
      }
    }
  }

  const running = follow();
  return {
    seqs,
    isFollowing: () => cursor !== null,
    connections: () => connections,
    async stop() {
      over.abort();
      // One more message, for it to notice.
      await cluster.post('/api/postback', { email: 'last@example.com' });
      await running;
    },
  };
}

/** Restarts one server after the other under load: no request may fail, and whoever follows the log may miss nothing and see nothing twice. */
export async function restartOneByOne(cluster: Cluster): Promise<void> {
  const follower = keepFollowing(cluster);
  await until('it follows', follower.isFollowing);
  const load = keepAsking(cluster);
  for (const server of cluster.servers) {
    const before = load.acknowledged();
    await until('leads are taken', () => load.acknowledged() > before + 50);
    const [gone, code] = await Promise.all([cluster.proxy.sees(server.url, false), server.stop()]);
    expect([gone, code]).toEqual([undefined, 0]);
    const meanwhile = load.acknowledged();
    await until('the other one serves', () => load.acknowledged() > meanwhile + 50);
    await server.start();
    await cluster.proxy.sees(server.url, true);
  }
  const before = load.acknowledged();
  await until('both serve again', () => load.acknowledged() > before + 50);
  await load.stop();
  expect(load.failures).toEqual([]);

  const { leads, changes } = await cluster.graphql('{ leads { totalCount } changes { totalCount } }');
  expect(leads.totalCount).toBe(load.acknowledged());
  await until('the follower is up to date', () => follower.seqs.length >= changes.totalCount);
  expect(follower.seqs).toEqual(times(changes.totalCount, (i) => i + 1));
  expect(follower.connections()).toBeGreaterThan(1);
  await follower.stop();
}
