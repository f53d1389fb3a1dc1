import type { BlockList } from 'node:net';
import { z } from 'zod';
import { parseNetworks } from './platform/public-address.ts';

export interface Config {
  readonly production: boolean;
  readonly host: string;
  readonly port: number;
  readonly logLevel: string;
  readonly dataDir: string;
  /** Null: run the embedded PostgreSQL under `dataDir`. */
  readonly databaseUrl: string | null;
  readonly apiKey: string;
  /** The shipped key: whoever reaches the port may do everything, as the postback documentation promises. */
  readonly open: boolean;
  /** Which peers may name the caller in `X-Forwarded-For`; false: none. */
  readonly trustProxy: boolean | string;
  readonly graphiql: boolean;
  /** Pages of these origins may call the graph from a browser. */
  readonly corsOrigins: readonly string[];
  readonly pipelineStages: readonly string[];
  /** Told to stop, the server serves on for so long while `/readyz` says that it goes, so that a proxy turns to other servers first. */
  readonly drainSeconds: number;
  /** After so much silence a live stream says that it is alive. */
  readonly live: { readonly heartbeatSeconds: number };
  /** Wrong source keys that an address, or everyone for one source, may send in a minute before it is told to wait; 0: any number. */
  readonly failedCredentialsPerMinute: number;
  readonly intake: IntakeConfig;
  /** What the CRM proves itself with; null: its webhook is not configured. */
  readonly crmSecret: string | null;
  /** What secrets that must be read again are encrypted with; null: a key of its own under `dataDir`. */
  readonly secretsKey: string | null;
  /** Networks that webhooks may call though they are not public. */
  readonly webhookNetworks: BlockList;
}

export interface IntakeConfig {
  /** Leads that a source may send in a minute; 0: any number. */
  readonly perMinute: number;
  readonly trustedForm: {
    /** `off`: not looked at. `format`: the URL must be one of the certificate host. `live`: the host is asked as well. */
    readonly check: 'off' | 'format' | 'live';
    /** How long a lead waits for the certificate host. */
    readonly deadlineMs: number;
  };
}

const defaultStages = [
  'Form Started',
  'Form In Progress',
  'Form Completed',
  'Application Submitted',
  'Payment Pending',
  'Paid',
  'Processing',
  'Completed',
];

const flag = z.stringbool().default(false);

const environment = z.object({
  NODE_ENV: z.string().default('development'),
  HOST: z.string().default('127.0.0.1'),
  PORT: z.coerce.number('PORT must be a number from 0 to 65535').int().min(0).max(65_535).default(3000),
  LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('info'),
  DATA_DIR: z.string().min(1).default('./data'),
  DATABASE_URL: z
    .string()
    .regex(/^postgres(ql)?:\/\//, 'DATABASE_URL must start with postgresql://')
    .optional(),
  API_KEY: z.string().default('changeme'),
  ALLOW_OPEN_API: flag,
  TRUST_PROXY: z.string().default(''),
  GRAPHIQL: z.stringbool().optional(),
  CORS_ORIGINS: z
    .string()
    .transform((text) => text.split(',').map((origin) => origin.trim()))
    .default([]),
  PIPELINE_STAGES: z
    .string()
    .transform((text) => text.split(',').map((name) => name.trim()))
    .pipe(z.array(z.string().min(1, 'PIPELINE_STAGES has an empty name')).min(1))
    .refine((names) => new Set(names.map((name) => name.toLowerCase())).size === names.length, 'PIPELINE_STAGES names a stage twice')
    .default(defaultStages),
  DRAIN_SECONDS: z.coerce.number().min(0).max(300).default(0),
  LIVE_HEARTBEAT_SECONDS: z.coerce.number().positive().max(3600).default(15),
  CRM_WEBHOOK_SECRET: z.string().optional(),
  CRM_CALLBACK_SECRET: z.string().optional(),
  SECRETS_KEY: z.string().min(16, 'SECRETS_KEY must have at least 16 characters').optional(),
  WEBHOOK_ALLOW_CIDRS: z
    .string()
    .default('')
    .transform((text, ctx) => {
      const networks = parseNetworks(text);
      if (networks) return networks;
      ctx.addIssue({ code: 'custom', message: 'WEBHOOK_ALLOW_CIDRS must be networks like 10.0.0.0/8, separated by commas' });
      return z.NEVER;
    }),
  FAILED_CREDENTIALS_PER_MINUTE: z.coerce.number().int().min(0).default(20),
  SOURCE_RATE_LIMIT_PER_MINUTE: z.coerce.number().int().min(0).default(300),
  TRUSTEDFORM_CHECK: z.enum(['off', 'format', 'live']).default('format'),
  TRUSTEDFORM_DEADLINE_MS: z.coerce.number().int().min(100).max(2000).default(1500),
});

const loopback = new Set(['127.0.0.1', '::1', 'localhost']);

/** Reads the settings out of the environment. Throws one error that lists every problem. */
export function loadConfig(env: Readonly<Record<string, string | undefined>>): Config {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined && value !== ''));
  const parsed = environment.safeParse(given);
  if (!parsed.success) {
    throw new Error(`The configuration is not valid:\n${parsed.error.issues.map((i) => `  ${i.path.join('.')}: ${i.message}`).join('\n')}`);
  }
  const settings = parsed.data;
  const open = settings.API_KEY === 'changeme' || settings.API_KEY === '';
  if (open && !loopback.has(settings.HOST) && !settings.ALLOW_OPEN_API) {
    throw new Error(
      `HOST=${settings.HOST} would offer every lead to anyone who reaches the port, because API_KEY is unset or "changeme". Set API_KEY (or ALLOW_OPEN_API=1 if that is what you want).`,
    );
  }
  const production = settings.NODE_ENV === 'production';
  return {
    production,
    host: settings.HOST,
    port: settings.PORT,
    logLevel: settings.LOG_LEVEL,
    dataDir: settings.DATA_DIR,
    databaseUrl: settings.DATABASE_URL ?? null,
    apiKey: settings.API_KEY,
    open,
    trustProxy: settings.TRUST_PROXY === '' ? false : settings.TRUST_PROXY === 'true' ? true : settings.TRUST_PROXY,
    graphiql: settings.GRAPHIQL ?? !production,
    corsOrigins: settings.CORS_ORIGINS,
    pipelineStages: settings.PIPELINE_STAGES,
    drainSeconds: settings.DRAIN_SECONDS,
    live: { heartbeatSeconds: settings.LIVE_HEARTBEAT_SECONDS },
    crmSecret: settings.CRM_WEBHOOK_SECRET ?? settings.CRM_CALLBACK_SECRET ?? null,
    secretsKey: settings.SECRETS_KEY ?? null,
    webhookNetworks: settings.WEBHOOK_ALLOW_CIDRS,
    failedCredentialsPerMinute: settings.FAILED_CREDENTIALS_PER_MINUTE,
    intake: {
      perMinute: settings.SOURCE_RATE_LIMIT_PER_MINUTE,
      trustedForm: { check: settings.TRUSTEDFORM_CHECK, deadlineMs: settings.TRUSTEDFORM_DEADLINE_MS },
    },
  };
}
