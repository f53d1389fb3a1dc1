/** The connection under a live stream, for the streams whose connection can be told why it ends. */
export interface Carrier {
  /** Whether the message that was pulled last has been written to the connection: only then may a cursor lie behind it. */
  written: boolean;
  readonly close: (code: CloseCode, reason: string) => void;
}

/** WebSocket close codes that a stream may end with. */
export type CloseCode = typeof tryAgainLater | typeof forbidden;

export const tryAgainLater = 1013;
export const forbidden = 4403;
