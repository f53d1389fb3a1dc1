import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { once } from 'node:events';
import { format } from 'node:util';

type Handler = (request: Request, response: Response, next: () => void) => void;
interface Request {
  readonly message: IncomingMessage;
  body: { readonly data: unknown };
}
interface Response {
  readonly status: (code: number) => { readonly send: (text: string) => void };
}

/** As much of Express as the documentation's example uses. */
function express() {
  const routes = new Map<string, readonly Handler[]>();
  const handle = (message: IncomingMessage, response: ServerResponse): void => {
    const handlers = routes.get(`${message.method} ${message.url}`) ?? [];
    const request: Request = { message, body: { data: undefined } };
    const answer: Response = { status: (code) => ({ send: (text) => void response.writeHead(code).end(text) }) };
    const run = (i: number): void => (handlers[i] ? handlers[i](request, answer, () => run(i + 1)) : void response.writeHead(404).end());
    run(0);
  };
  return {
    post: (route: string, ...handlers: Handler[]) => void routes.set(`POST ${route}`, handlers),
    listen: (port: number) => createServer(handle).listen(port, '127.0.0.1'),
  };
}

/** Like `express.json()`: only what says that it is JSON. */
express.json = (): Handler => (request, response, next) => {
  if (!/^application\/json\b/.test(request.message.headers['content-type'] ?? '')) return next();
  let text = '';
  request.message.setEncoding('utf8');
  request.message.on('data', (part: string) => (text += part));
  request.message.on('end', () => {
    raw.push(text);
    request.body = JSON.parse(text);
    next();
  });
};

const raw: string[] = [];

export interface DocumentedReceiver {
  readonly url: string;
  /** What it printed, as `console.log` writes it. */
  readonly printed: readonly string[];
  /** The bodies, byte for byte. */
  readonly bodies: readonly string[];
  readonly close: () => Promise<void>;
}

/** The documentation's own example, to the letter but for the port and the name of the log. */
export async function startDocumentedReceiver(): Promise<DocumentedReceiver> {
  const printed: string[] = [];
  raw.length = 0;
  const log = { log: (...parts: unknown[]) => void printed.push(format(...parts)) };

  const app = express();
  app.post('/webhooks/leads', express.json(), (req, res) => {
    const leadData = req.body.data;
    log.log('Received new lead:', leadData);
    // Process the lead data here
    res.status(200).send('Webhook received');
  });
  const server = app.listen(0);

  await once(server, 'listening');
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('a server that listens has an address');
  return {
    url: `http://127.0.0.1:${address.port}/webhooks/leads`,
    printed,
    bodies: raw,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
