import type { LiveAnalytics } from './analytics/live-analytics.ts';
import type { Viewer } from './auth/viewer.ts';
import type { IntakeConfig } from './config.ts';
import type { CampaignBook } from './campaigns/campaign-book.ts';
import type { Carrier } from './live/carrier.ts';
import type { LiveResults } from './live/live-results.ts';
import type { PhoneLookup } from './leads/phone-lookup/phone-lookup.ts';
import type { LiveHub } from './live/hub.ts';
import type { Database, Db } from './platform/database.ts';
import type { Log } from './platform/log.ts';
import type { Pipeline } from './pipeline/stage.ts';
import type { SourceRegister } from './sources/source-register.ts';
import type { CertificateVerifier } from './trusted-form/certificate-verifier.ts';
import type { WebhookServices } from './webhooks/webhook.ts';
import type { Writer } from './writes/writer.ts';

/** The long-lived things that every request may use; built once in app.ts. */
export interface Services {
  readonly database: Database;
  readonly writer: Writer;
  readonly hub: LiveHub;
  readonly liveAnalytics: LiveAnalytics;
  readonly pipeline: Pipeline;
  readonly campaigns: CampaignBook;
  readonly sources: SourceRegister;
  readonly intake: IntakeConfig;
  readonly certificates: CertificateVerifier;
  readonly phoneLookup: PhoneLookup;
  readonly webhooks: WebhookServices;
  readonly log: Log;
}

/** What is known of the request that brought an operation here. */
export interface RequestInfo {
  readonly requestId: string;
  /** The way in: `graphql`, or the name of the REST dialect. */
  readonly dialect: string;
  /** The body as it was sent over REST; null for GraphQL, where the mutation's input is the body. */
  readonly body: unknown;
  /** The JSON text that `body` was parsed from, where it came over REST as JSON. */
  readonly rawBody?: string | undefined;
  readonly ipAddress: string | null;
  readonly userAgent: string | null;
  /** Monotonic time of arrival, for durations. */
  readonly startedAtMs: number;
}

/** What an operation tells the transport besides its result. */
export interface ResponseNotes {
  replayed: boolean;
  /** What a subscription tells from now on. */
  live?: LiveResults;
}

export interface Context extends Services {
  readonly viewer: Viewer;
  readonly request: RequestInfo;
  readonly notes: ResponseNotes;
  readonly db: Db;
  /** The connection that a live stream ends with its own reason; null where the transport has none. */
  readonly carrier: Carrier | null;
}
