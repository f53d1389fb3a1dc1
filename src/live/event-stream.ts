import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { GraphQLError } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import type { Context, ResponseNotes } from '../context.ts';
import { acceptedTypes, type AnswerType } from '../http/accept.ts';
import { describeError } from '../platform/error-reason.ts';
import type { Log } from '../platform/log.ts';
import type { LiveResults, PayloadSink, SendPayloads } from './live-results.ts';

const headers = {
  'Content-Type': 'text/event-stream',
  Connection: 'keep-alive',
  'Cache-Control': 'no-cache',
  'Content-Encoding': 'none',
};

const comment = ':\n\n';
const usualCommentEveryMs = 12_000;

interface Exchange {
  readonly notes?: ResponseNotes;
  readonly req?: Pick<IncomingMessage, 'headers'>;
  readonly res?: ServerResponse;
}

/**
 * Answers who takes server-sent events with results that are pushed, as a WebSocket's are, instead of pulled for each by Yoga. Who takes no
 * stream at all is refused before one is opened.
 */
export function sendEventStreams(log: Log): Plugin<Context & Pick<Exchange, 'req'>, Exchange> {
  const onFailed = (error: unknown) => log.error({ err: describeError(error) }, 'live results could not be sent');
  return {
    onSubscribe({ args, setResultAndStopExecution }) {
      // The handshake of a WebSocket has no such header.
      if (!streamFor(args.contextValue.req?.headers.accept)) setResultAndStopExecution({ errors: [noStream()] });
    },
    onResultProcess(answer) {
      const { request, serverContext, resultProcessor } = answer;
      const live = serverContext.notes?.live;
      // Yoga drops what it cannot write as it is: the stream of something quiet would stay for ever.
      if (!resultProcessor) void live?.return();
      if (!live || streamFor(request.headers.get('accept') ?? undefined) !== 'text/event-stream') return;
      answer.setResultProcessor((_result, { Response }) => {
        const body = new EventStream(live, onFailed);
        // An answer whose client is gone before it begins is never read.
        if (serverContext.res?.closed) body.destroy();
        else serverContext.res?.once('close', () => body.destroy());
        // The type of a fetch body does not know that of Node, which Yoga's servers take.
        return new Response(body as unknown as BodyInit, { headers });
      }, 'text/event-stream');
    },
  };
}

/** How a live result is written for who sends this `Accept`; undefined: not at all. */
const streamFor = (accept: string | undefined): AnswerType | undefined =>
  acceptedTypes(accept).find((type) => type === 'text/event-stream' || type === 'multipart/mixed');

const noStream = (): GraphQLError =>
  new GraphQLError('A subscription is answered with a stream. Send `Accept: text/event-stream`, or subscribe over a WebSocket.', {
    extensions: { code: 'NOT_ACCEPTABLE', http: { status: 406 } },
  });

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
