import { pino } from 'pino';

export type Log = pino.Logger;

/** One line per fact: fields first, a constant message. JSON in production, readable in a terminal. Ids only, never personal data or secrets. */
export function createLog(level: string, production: boolean): Log {
  const pretty = !production && process.stdout.isTTY;
  return pino({
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    ...(pretty && { transport: { target: 'pino-pretty', options: { translateTime: 'HH:MM:ss', singleLine: true } } }),
  });
}
