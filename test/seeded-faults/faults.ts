/** A mistake that somebody could make, and the test that turns red when it is made. */
export interface SeededFault {
  readonly name: string;
  readonly file: string;
  /** Occurs once in the file. */
  readonly right: string;
  readonly wrong: string;
  readonly test: string;
  readonly says: string;
}

/** `npm run test:seeded-faults` makes each of these in a copy of the tree, and prints this list as a table. */
export const seededFaults: readonly SeededFault[] = [
  {
    name: 'answers before commit',
    file: 'src/writes/writer.ts',
    right: `await Promise.all([...writes, client.query('COMMIT')]);`,
    wrong: `void Promise.allSettled([...writes, client.query('COMMIT')]);`,
    test: 'test/writes/writer.test.ts',
    says: 'lets the command that the database refuses fail alone',
  },
  {
    name: 'the answer of an idempotency key is not stored with the write',
    file: 'src/writes/writer.ts',
    right: 'await sendWrites(client, accountId, set, kept)',
    wrong: 'await sendWrites(client, accountId, set, [])',
    test: 'test/leads/record-postback.test.ts',
    says: 'gives the first answer again, also after the lead changed',
  },
  {
    name: 'finds, then inserts',
    file: 'src/auth/create-account.ts',
    right: `const [account] = await tx.account.createManyAndReturn({ data: [{ id: newUuid(), name }], skipDuplicates: true });
    if (!account) throw new NameTakenError();`,
    wrong: `if (await tx.account.findUnique({ where: { name } })) throw new NameTakenError();
    const account = await tx.account.create({ data: { id: newUuid(), name } });`,
    test: 'test/auth/graphql.test.ts',
    says: 'gives a name once, however many ask at the same moment',
  },
  {
    name: 'a subscriber goes on one change too late',
    file: 'src/live/change-source.ts',
    right: 'this.#position = after ?? log.head;',
    wrong: 'this.#position = after === null ? log.head : Math.min(after + 1, log.head);',
    test: 'test/live/hub.test.ts',
    says: 'resumes after a position, from the first change on',
  },
  {
    name: 'leases run by the clock of the process',
    file: 'src/webhooks/claim.ts',
    right: '[webhookId, limit, leaseId, now, webhook.enabled]',
    wrong: '[webhookId, limit, leaseId, now ?? new Date(), webhook.enabled]',
    test: 'test/webhooks/claim.test.ts',
    says: 'leases by the clock of the database, however wrong that of the process is',
  },
  {
    name: 'the result of a lost lease counts',
    file: 'src/webhooks/settle.ts',
    right: ' AND d.id = r.id AND d."leaseId" = r."leaseId"',
    wrong: ' AND d.id = r.id',
    test: 'test/webhooks/engine.test.ts',
    says: 'row 58: takes over what a stopped process had claimed, and ignores the late result',
  },
  {
    name: 'a new webhook-id for each try',
    file: 'src/webhooks/try-delivery.ts',
    right: `const id = toPublicId('Delivery', delivery.id);`,
    wrong: `const id = toPublicId('Delivery', crypto.randomUUID());`,
    test: 'test/webhooks/deliver.test.ts',
    says: 'signs so that both public packages accept it, and keeps one id over all tries',
  },
  {
    name: 'redirects are followed',
    file: 'src/webhooks/try-delivery.ts',
    right: `    return {
      at,
      url,
      statusCode: status,`,
    wrong: `    const moved = status >= 300 && status < 400 ? headers.location : undefined;
    if (moved) return await tryDelivery(http, { ...target, url: String(moved) }, delivery, at, signal);
    return {
      at,
      url,
      statusCode: status,`,
    test: 'test/webhooks/targets.test.ts',
    says: 'row 72: does not follow redirects',
  },
  {
    name: 'changes of one lead are delivered side by side',
    file: 'src/webhooks/materialise.ts',
    right: 'THEN NULL ELSE t.now END',
    wrong: 'THEN t.now ELSE t.now END',
    test: 'test/webhooks/engine.test.ts',
    says: 'keeps the order of a lead while others go on',
  },
  {
    name: 'a queue without end',
    file: 'src/platform/gate.ts',
    right: 'if (present >= options.maxWaiting) return false;',
    wrong: '',
    test: 'test/platform/gate.test.ts',
    says: 'has an end, although nothing is known yet of how fast it is served',
  },
  {
    name: 'subscribers of two accounts share what they are told',
    file: 'src/live/audience-key.ts',
    right: 'JSON.stringify([accountId, kind, scopes.toSorted(), text,',
    wrong: 'JSON.stringify([kind, scopes.toSorted(), text,',
    test: 'test/live/sharing.test.ts',
    says: 'are each told exactly what they would be told alone',
  },
  {
    name: 'a subscription outlives a client that hung up before its first message',
    file: 'src/live/event-stream.ts',
    right: 'if (serverContext.res?.closed) body.destroy();',
    wrong: 'if (!serverContext.res) body.destroy();',
    test: 'test/live/event-stream.test.ts',
    says: 'clients that hang up at any moment leave no stream behind',
  },
  {
    name: 'node(id) finds what is of another account',
    file: 'src/leads/get-lead.ts',
    right: `text: 'SELECT * FROM "Lead" WHERE id = ANY($1::uuid[]) AND "accountId" = $2',`,
    wrong: `text: 'SELECT * FROM "Lead" WHERE id = ANY($1::uuid[]) AND $2::uuid IS NOT NULL',`,
    test: 'test/app/isolation.test.ts',
    says: 'gives null for every node of another account',
  },
  {
    name: 'an error is answered with its own words',
    file: 'src/graphql/mask-error.ts',
    right: `return locate(error, 'Unexpected error.', {`,
    wrong: `return locate(error, String(original), {`,
    test: 'test/personal-data/log-canaries.test.ts',
    says: 'rows 34 and 66: writes no address, phone, name, key or secret into any log or metric, whatever fails',
  },
  {
    name: 'a revoked key keeps its subscriptions',
    file: 'src/live/hub.ts',
    right: 'if (!first || (await isStillValid(first.viewer).catch(() => true))) continue;',
    wrong: 'if (!first || (await isStillValid(first.viewer).catch(() => true)) || first) continue;',
    test: 'test/live/hub.test.ts',
    says: 'closes its streams, is asked about once for all of them, and leaves others alone',
  },
  {
    name: 'a subscription is not measured',
    file: 'src/graphql/limits/limit-operations.ts',
    right: `onSubscribe({ args, setResultAndStopExecution }) {
      const cost = assess(args, args.contextValue.viewer);`,
    wrong: `onSubscribe({ args, setResultAndStopExecution }) {
      const cost: ReturnType<typeof assess> = args ? 0 : assess(args, null);`,
    test: 'test/attacks/abusive-documents.test.ts',
    says: 'a subscription is measured before it begins',
  },
  {
    name: 'a stage moves back though nobody forced it',
    file: 'src/pipeline/stage.ts',
    right: `{ stage: wanted, outcome: 'FORCED' } : { stage: current, outcome: 'KEPT' }`,
    wrong: `{ stage: wanted, outcome: 'FORCED' } : { stage: wanted, outcome: 'APPLIED' }`,
    test: 'test/leads/record-postback.test.ts',
    says: 'keeps the stage when asked to step back, and says so; forced, it steps back',
  },
  {
    name: 'an empty field erases what is stored',
    file: 'src/leads/lead.ts',
    right: `if (value === null || value === '' || isSame(`,
    wrong: `if (isSame(`,
    test: 'test/leads/record-postback.test.ts',
    says: 'finds the lead again by its email whatever the case, and keeps what it does not mention',
  },
  {
    name: 'a text that the database cannot hold is handed to it',
    file: 'src/platform/text.ts',
    right: `!text.includes('\\0') && text.isWellFormed()`,
    wrong: `text.isWellFormed()`,
    test: 'test/leads/record-postback.test.ts',
    says: 'row 13: replaces what the database cannot hold and says where',
  },
  {
    name: 'the same event counts again within two seconds',
    file: 'src/events/fire-event.ts',
    right: 'if (before && isLocked(before, draft.now)) throw new EventInProgressError();',
    wrong: '',
    test: 'test/events/money-model.test.ts',
    says: 'ends with the counts and sums of a small model, whatever the order of firings, repeats, clock jumps and updates',
  },
  {
    name: 'an IPv4 address hides in an IPv6 one',
    file: 'src/platform/public-address.ts',
    right: `return globalV6.check(address, 'ipv6') && !blockedV6.check(address, 'ipv6');`,
    wrong: `return address.startsWith('::ffff:') || (globalV6.check(address, 'ipv6') && !blockedV6.check(address, 'ipv6'));`,
    test: 'test/platform/outbound-http.test.ts',
    says: 'is not public: ::ffff:127.0.0.1',
  },
  {
    name: 'an erased person stays in the log',
    file: 'src/writes/erase-from-log.ts',
    right: `await client.query({ name: 'empty-entries', text: emptyEntries, values: [accountId, leadIds] });`,
    wrong: '',
    test: 'test/personal-data/erase-lead.test.ts',
    says: 'leaves nothing of a person in any column of any table, and everything of everybody else',
  },
  {
    name: 'a key is stored in clear',
    file: 'src/auth/api-key.ts',
    right: 'prefix: token.slice(0, kind.length + 4),',
    wrong: 'prefix: token,',
    test: 'test/personal-data/secrets-at-rest.test.ts',
    says: 'keeps no key and no secret in clear in any column of any table',
  },
  {
    name: 'two processes count the same changes',
    file: 'src/analytics/apply-changes.ts',
    right: 'WHERE r."accountId" = $1 AND CASE WHEN $2::int IS NULL THEN r."isServed" ELSE r.id = $2 END FOR UPDATE OF r SKIP LOCKED',
    wrong: 'WHERE r."accountId" = $1 AND CASE WHEN $2::int IS NULL THEN r."isServed" ELSE r.id = $2 END',
    test: 'test/analytics/rollups.test.ts',
    says: 'equal a recount of the tables, cell for cell, whatever happened and whoever counted',
  },
];
