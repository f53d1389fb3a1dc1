import type { DocumentNode, ExecutionResult } from 'graphql';
import type { Credential } from '../auth/credential.ts';
import type { ResponseNotes } from '../context.ts';

/** What the transport of a documented REST endpoint knows of a request. */
export interface RestRequest {
  readonly requestId: string;
  /** Names the documented system, on receipts. */
  readonly dialect: string;
  /** The body as it was sent; kept on the receipt. */
  readonly body: unknown;
  /** The JSON text that `body` was parsed from; absent for a form. */
  readonly rawBody?: string | undefined;
  readonly ipAddress: string | null;
  readonly userAgent: string | null;
  readonly startedAtMs: number;
  readonly credential: Credential;
}

export interface Operation {
  /** Parsed and validated once, at load. */
  readonly document: DocumentNode;
  readonly variables?: Record<string, unknown>;
}

/** Runs a GraphQL operation in process, with the same context, permissions and errors as an HTTP caller's. Never rejects: failures are in `result.errors`. */
export type Execute = (
  operation: Operation,
  request: RestRequest,
) => Promise<{ readonly result: ExecutionResult; readonly notes: ResponseNotes }>;
