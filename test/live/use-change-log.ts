import { afterAll, afterEach, beforeAll } from 'vitest';
import { followLog } from '../../src/changes/follow-log.ts';
import { createHub, type HubOptions, type LiveHub } from '../../src/live/hub.ts';
import { type ChangeLog, createChangeLog, silent } from './change-log.ts';

/** The change logs of one file's tests, and hubs over them that are closed after each test. */
export interface UsedChangeLog extends Pick<ChangeLog, 'database' | 'newAccount' | 'append'> {
  readonly newHub: (options?: Partial<HubOptions>) => LiveHub;
}

export function useChangeLog(): UsedChangeLog {
  let log: ChangeLog;
  const opened: { close: () => unknown }[] = [];
  beforeAll(async () => {
    log = await createChangeLog();
  });
  afterEach(async () => {
    for (const thing of opened.splice(0).reverse()) await thing.close();
  });
  afterAll(() => log.close());

  return {
    get database() {
      return log.database;
    },
    newAccount: () => log.newAccount(),
    append: (accountId, changes) => log.append(accountId, changes),
    newHub(options = {}) {
      const follower = followLog(log.database, silent);
      const hub = createHub({ follower, isStillValid: async () => true, heartbeatSeconds: 60, ...options });
      opened.push(follower, hub);
      return hub;
    },
  };
}
