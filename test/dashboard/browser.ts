import { createServer, connect, type Server, type Socket } from 'node:net';
import { type Browser, chromium, type Page } from 'playwright-core';

/** Debian's chromium, or another one. */
const executablePath = process.env['CHROMIUM'] ?? '/usr/bin/chromium';

export const launchBrowser = (): Promise<Browser> =>
  chromium.launch({
    executablePath,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });

/** A page that collects everything that goes wrong in it: a broken content security policy shows as such an error. */
export async function openPage(
  browser: Browser,
  options: { readonly colorScheme?: 'light' | 'dark'; readonly width?: number; readonly height?: number } = {},
): Promise<{ readonly page: Page; readonly problems: readonly string[] }> {
  const { colorScheme = 'light', width = 1280, height = 860 } = options;
  const context = await browser.newContext({ viewport: { width, height }, colorScheme, acceptDownloads: true });
  const page = await context.newPage();
  const problems: string[] = [];
  page.on('pageerror', (error) => problems.push(error.message));
  page.on('console', (message) => {
    if (
      message.type() === 'error' &&
      !message.text().includes('Failed to load resource') &&
      !message.text().includes('WebSocket connection')
    )
      problems.push(message.text());
  });
  return { page, problems };
}

export interface Line {
  readonly url: string;
  /** Cuts every connection and takes no new one. */
  readonly cut: () => void;
  readonly mend: () => void;
  readonly close: () => void;
}

/** A line to a server that can be cut, as networks are: by force, in the middle of anything. */
export async function openLine(target: string): Promise<Line> {
  const { port } = new URL(target);
  const sockets = new Set<Socket>();
  let isCut = false;
  const server: Server = createServer((near) => {
    if (isCut) return near.resetAndDestroy();
    const far = connect(Number(port), '127.0.0.1');
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(from);
      from.on('error', () => to.destroy());
      from.on('close', () => {
        sockets.delete(from);
        to.destroy();
      });
      from.pipe(to);
    }
    return near;
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The line has no port.');
  return {
    url: `http://127.0.0.1:${address.port}`,
    cut() {
      isCut = true;
      for (const socket of sockets) socket.resetAndDestroy();
    },
    mend() {
      isCut = false;
    },
    close() {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}
