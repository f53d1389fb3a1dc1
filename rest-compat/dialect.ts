import type { IncomingHttpHeaders } from 'node:http';
import type { z } from 'zod';
import type { Credential } from '../src/auth/credential.ts';
import type { Answer, Problem } from './route.ts';

/** One documented system: where its credential stands, and how it words a refusal. */
export interface Dialect {
  /** As it stands on receipts. */
  readonly name: string;
  readonly title: string;
  /** Its documentation asks for no credential at all: nobody is a stranger. */
  readonly isPublic?: boolean;
  readonly credential: (headers: IncomingHttpHeaders) => Credential;
  readonly refuse: (problem: Problem) => Answer;
  /** The body of every refusal, for the documentation. */
  readonly refusalSchema: z.ZodType;
}
