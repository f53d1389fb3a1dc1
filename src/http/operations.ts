import type { FastifyInstance } from 'fastify';
import type { Registry } from 'prom-client';

const readyTimeoutMs = 2000;

/** What operators and their machines ask: is the process up, can it serve, what are its numbers. */
export function mountOperations(app: FastifyInstance, registry: Registry, isReady: () => Promise<boolean>): void {
  app.get('/healthz', (_request, reply) => reply.header('cache-control', 'no-store').send({ status: 'ok' }));
  app.get('/readyz', async (request, reply) => {
    const ready = await withinTime(isReady(), readyTimeoutMs);
    void reply.header('cache-control', 'no-store');
    if (ready) return { status: 'ready' };
    return reply.code(503).header('retry-after', '1').send({ status: 'unavailable', code: 'DB_UNAVAILABLE', request_id: request.id });
  });
  app.get('/metrics', async (_request, reply) => reply.header('content-type', registry.contentType).send(await registry.metrics()));
}

async function withinTime(answer: Promise<boolean>, timeoutMs: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(resolve, timeoutMs, false);
  });
  try {
    return await Promise.race([answer.catch(() => false), late]);
  } finally {
    clearTimeout(timer);
  }
}
