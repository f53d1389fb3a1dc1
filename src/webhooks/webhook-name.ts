import { NameTakenError } from '../auth/errors.ts';

/** Says in our words that another webhook of the account has the name: the unique index decides, a look before could not. */
export async function refuseNameTaken<Result>(writing: Promise<Result>): Promise<Result> {
  try {
    return await writing;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'P2002') throw new NameTakenError();
    throw error;
  }
}
