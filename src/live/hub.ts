/** Placeholder interface: the live helper owns this file. */
export interface LiveHub {
  close(): Promise<void>;
}
