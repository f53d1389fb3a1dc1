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
  /** The media type of refusals; usually that of answers. */
  readonly refusalType?: string;
  /** The security requirements of OpenAPI, where they are not an optional API key. */
  readonly security?: readonly Readonly<Record<string, readonly string[]>>[];
  /** How a caller proves who it is, where that is not an API key. */
  readonly credentialHelp?: string;
  /** What every request is checked for, in order, where the documentation fixes it. */
  readonly checks?: readonly { readonly refuses: string; readonly status: number; readonly code: string }[];
}
