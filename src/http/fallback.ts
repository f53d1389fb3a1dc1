import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { type HttpFault, toProblemDetails } from './fault.ts';

interface KnownPath {
  readonly matches: RegExp;
  readonly methods: Set<string>;
}

/** Answers what no route takes: 405 with `Allow` where the path is known, 404 elsewhere. Create it before the routes. */
export function createFallback(app: FastifyInstance): (request: FastifyRequest, reply: FastifyReply) => FastifyReply {
  const paths = new Map<string, KnownPath>();
  app.addHook('onRoute', ({ url, method }) => {
    const known = paths.get(url) ?? { matches: toPattern(url), methods: new Set<string>() };
    paths.set(url, known);
    for (const name of [method].flat()) known.methods.add(name);
  });
  return (request, reply) => {
    const [path = ''] = request.raw.url?.split('?', 1) ?? [];
    const known = [...paths.values()].find(({ matches }) => matches.test(path));
    if (known) void reply.header('allow', [...known.methods].sort().join(', '));
    const fault = known ? methodNotAllowed : notFound;
    return reply
      .code(fault.status)
      .header('content-type', 'application/problem+json; charset=utf-8')
      .send(toProblemDetails(fault, request.id));
  };
}

const toPattern = (url: string): RegExp =>
  new RegExp(`^${url.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`).replaceAll(/:\w+/g, '[^/]+')}$`);

const notFound: HttpFault = { status: 404, code: 'NOT_FOUND', message: 'There is nothing at this address.' };
const methodNotAllowed: HttpFault = {
  status: 405,
  code: 'METHOD_NOT_ALLOWED',
  message: 'This address does not take this method; see Allow.',
};
