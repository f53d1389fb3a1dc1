import { z } from 'zod';
import type { Account } from '../../prisma/generated/client/client.ts';
import type { Context } from '../context.ts';
import { InvalidInputError } from '../errors.ts';
import { checkInput } from '../platform/check-input.ts';
import { newUuid } from '../platform/ids.ts';
import { issueApiKey } from './api-key.ts';
import { NameTakenError } from './errors.ts';
import { nameSchema } from './name.ts';
import { authorizeRoot } from './policy.ts';

export interface CreateAccountInput {
  readonly name: string;
}

export interface CreatedAccount {
  readonly account: Account;
  readonly token: string;
}

export const createAccountErrors = [InvalidInputError, NameTakenError] as const;

/** Together under the 2.5 s in which a caller is promised an answer; Prisma's own limits add up to 7 s. */
const patience = { maxWait: 1000, timeout: 1200 };
const inputSchema = z.object({ name: nameSchema });

/** Makes an account with a log of its own and a first ADMIN key, whose token is in this answer and nowhere else. */
export async function createAccount(ctx: Pick<Context, 'db' | 'viewer'>, input: CreateAccountInput): Promise<CreatedAccount> {
  authorizeRoot(ctx.viewer);
  const { name } = checkInput(inputSchema, input);
  const { token, ...fingerprint } = issueApiKey();
  return ctx.db.$transaction(async (tx) => {
    // The unique name decides who came first; a lookup before could not.
    const [account] = await tx.account.createManyAndReturn({ data: [{ id: newUuid(), name }], skipDuplicates: true });
    if (!account) throw new NameTakenError();
    await tx.logHead.create({ data: { accountId: account.id } });
    await tx.apiKey.create({ data: { id: newUuid(), accountId: account.id, name: 'First key', scope: 'ADMIN', ...fingerprint } });
    return { account, token };
  }, patience);
}
