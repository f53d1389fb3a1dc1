import type { IncomingMessage } from 'node:http';

/** The headers that let a page read a refusal, when the graph itself may be read by it. */
export type Cors = (request: Pick<IncomingMessage, 'headers'>) => Readonly<Record<string, string>>;

const nothing = {};

export const createCors =
  (origins: readonly string[]): Cors =>
  ({ headers: { origin } }) =>
    origin !== undefined && origins.includes(origin) ? { 'access-control-allow-origin': origin, vary: 'Origin' } : nothing;
