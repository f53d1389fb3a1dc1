import { expect } from 'vitest';
import type { Json, TestApp } from '../support/app.ts';

/** Runs a mutation that must not fail at the top, and gives its outcome. */
export async function mutate(
  app: TestApp,
  field: string,
  input: object,
  selection: string,
  headers?: Record<string, string>,
): Promise<Json> {
  const type = `${field.charAt(0).toUpperCase()}${field.slice(1)}`;
  const document = `mutation ($input: ${type}Input!) { ${field}(input: $input) { __typename ... on ${type}Success { ${selection} }
    ... on Error { code message } ... on InvalidInputError { issues { path message code } } } }`;
  const answer = await app.graphql(document, { input }, headers);
  expect(answer.errors).toBeUndefined();
  return answer.data[field];
}

export async function newLead(app: TestApp, input: object = {}, headers?: Record<string, string>): Promise<Json> {
  return (await mutate(app, 'recordPostback', input, 'lead { id uuid number transactionId }', headers)).lead;
}

/** Sends both clocks of the lock back, as if so many milliseconds had passed since every firing. */
export const passTime = (app: TestApp, ms: number): Promise<unknown> =>
  app.services.database.writePool.query(`UPDATE "EventFiring" SET "lastFiredAt" = "lastFiredAt" - $1 * interval '1 millisecond'`, [ms]);
