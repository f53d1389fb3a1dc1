import { Readable } from 'node:stream';
import type { LiveResults, PayloadSink, SendPayloads } from './live-results.ts';

export const eventStreamHeaders = {
  'Content-Type': 'text/event-stream',
  Connection: 'keep-alive',
  'Cache-Control': 'no-cache',
  'Content-Encoding': 'none',
};

const comment = ':\n\n';
const usualCommentEveryMs = 12_000;

/**
 * The body of an answer over server-sent events: what graphql-sse calls distinct connections mode. It begins when it is read, since the client
 * of an answer that nobody reads is gone already; destroys itself when the results fail.
 */
export class EventStream extends Readable implements PayloadSink {
  readonly #results: LiveResults;
  readonly #onFailed: (error: unknown) => void;
  readonly #commentEveryMs: number;
  #comments: NodeJS.Timeout | null = null;
  #sent: Parameters<SendPayloads>[1] | null = null;

  constructor(results: LiveResults, onFailed: (error: unknown) => void, commentEveryMs = usualCommentEveryMs) {
    // Nothing is kept here: what cannot leave at once stops the results.
    super({ highWaterMark: 1 });
    this.#results = results;
    this.#onFailed = onFailed;
    this.#commentEveryMs = commentEveryMs;
  }

  send(...[payloads, sent]: Parameters<SendPayloads>): void {
    // Not at once: the next message would be here before this one has returned.
    if (this.destroyed || this.push(payloads.map(toEvent).join(''))) setImmediate(sent);
    else this.#sent = sent;
  }

  override _read(): void {
    if (!this.#comments) return this.#begin();
    const sent = this.#sent;
    this.#sent = null;
    sent?.();
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    if (this.#comments) clearInterval(this.#comments);
    void this.#results.return();
    done(error);
  }

  #begin(): void {
    // Some browsers show nothing of an answer before its first bytes came; proxies cut those that are silent for long.
    this.#comments = setInterval(() => this.readableLength === 0 && this.push(comment), this.#commentEveryMs);
    this.push(comment);
    this.#results.deliver(this).then(
      () => this.#complete(),
      (error: unknown) => {
        this.#onFailed(error);
        this.destroy();
      },
    );
  }

  #complete(): void {
    if (this.destroyed) return;
    this.push('event: complete\ndata:\n\n');
    this.push(null);
  }
}

const toEvent = (payload: string): string => `event: next\ndata: ${payload}\n\n`;
