import { InvalidInputError } from '../errors.ts';

/** Says in our words that another source of the account has the `pid`: the unique index decides, a look before could not. */
export async function refusePidTaken<Result>(writing: Promise<Result>): Promise<Result> {
  try {
    return await writing;
  } catch (error) {
    if (!(error instanceof Error) || !('code' in error) || error.code !== 'P2002') throw error;
    throw new InvalidInputError([{ path: ['pid'], message: 'belongs to another source of the account', code: 'PID_TAKEN' }]);
  }
}
