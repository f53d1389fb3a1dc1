import { createRequire } from 'node:module';
import { pino } from 'pino';
import type PinoPretty from 'pino-pretty';

export type Log = pino.Logger;

/** One line per fact: fields first, a constant message. JSON in production, readable in a terminal. Ids only, never personal data or secrets. */
export function createLog(level: string, production: boolean): Log {
  const options = { level, base: null, timestamp: pino.stdTimeFunctions.isoTime };
  if (production || !process.stdout.isTTY) return pino(options);
  return pino(options, prettyPrinter({ translateTime: 'HH:MM:ss', singleLine: true }));
}

function prettyPrinter(options: PinoPretty.PrettyOptions): PinoPretty.PrettyStream {
  // Loaded where it is wanted: production has no need of it, and no copy.
  const pretty = createRequire(import.meta.url)('pino-pretty') as typeof PinoPretty;
  return pretty(options);
}
