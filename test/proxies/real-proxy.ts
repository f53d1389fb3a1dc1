import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ClusterProxy } from '../cluster/cluster.ts';
import { freePort } from '../../src/platform/embedded-postgres/server-process.ts';

/** A proxy of the system, as an operator puts it before the server, on a port of its own. */
export interface RealProxy {
  readonly port: number;
  readonly stop: () => Promise<void>;
}

/** Where callers may not go: the server never sees a request for it unless it takes something for one that the proxy took for something else. */
export const forbiddenPath = '/smuggled';

const startsWithinMs = 10_000;

/** nginx with WebSockets and kept connections, handing bodies on as they come. */
export const startNginx = (upstream: number): Promise<RealProxy> =>
  startProxy((port, folder) => {
    const config = `
      daemon off;
      ${process.getuid?.() === 0 ? 'user root;' : ''}
      pid ${folder}/nginx.pid;
      error_log stderr error;
      events { worker_connections 1024; }
      http {
        access_log off;
        ${['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((name) => `${name}_temp_path ${folder}/${name};`).join(' ')}
        map $http_upgrade $connection_upgrade { default upgrade; '' ''; }
        upstream leadgraph { server 127.0.0.1:${upstream}; keepalive 4; }
        server {
          listen 127.0.0.1:${port};
          location = ${forbiddenPath} { return 403; }
          location / {
            proxy_pass http://leadgraph;
            proxy_http_version 1.1;
            proxy_request_buffering off;
            proxy_set_header Host $host;
            proxy_set_header Upgrade $http_upgrade;
            proxy_set_header Connection $connection_upgrade;
          }
        }
      }`;
    writeFileSync(path.join(folder, 'nginx.conf'), config);
    return ['nginx', '-e', 'stderr', '-p', folder, '-c', path.join(folder, 'nginx.conf')];
  });

/** HAProxy as compose.yaml sets it up, but for names that only Docker knows. */
export const startHaproxy = (...upstreams: readonly number[]): Promise<RealProxy> =>
  startProxy((port, folder) => {
    const servers = upstreams.map((upstream) => `server server${upstream} 127.0.0.1:${upstream}`).join('\n  ');
    writeFileSync(path.join(folder, 'haproxy.cfg'), adapt(composedHaproxy(), port, servers));
    return ['haproxy', '-db', '-f', path.join(folder, 'haproxy.cfg')];
  });

const statusPath = '/haproxy-status';

/** HAProxy before several servers, with its own view of them. */
export async function startHaproxyBefore(servers: readonly string[]): Promise<ClusterProxy> {
  const proxy = await startHaproxy(...servers.map((server) => Number(new URL(server).port)));
  const url = `http://127.0.0.1:${proxy.port}`;
  return {
    url,
    async sees(server, ready) {
      const line = new RegExp(`^servers,server${new URL(server).port},.*,${ready ? 'UP' : 'DOWN'},`, 'm');
      while (!line.test(await (await fetch(`${url}${statusPath};csv`)).text())) await sleep(50);
    },
    close: proxy.stop,
  };
}

function composedHaproxy(): string {
  const compose = readFileSync(path.join(import.meta.dirname, '../../compose.yaml'), 'utf8');
  const [, config] = /\n {2}haproxy:\n {4}content: \|\n((?: {6}.*\n)+)/.exec(compose) ?? [];
  if (config === undefined) throw new Error('compose.yaml holds no configuration of HAProxy');
  return config.replaceAll(/^ {6}/gm, '');
}

function adapt(config: string, port: number, servers: string): string {
  const changes: readonly (readonly [RegExp, string])[] = [
    // Containers may open more files than a test may expect to.
    [/maxconn 20000/, 'maxconn 1000'],
    [/^resolvers docker\n(?: .*\n)+/m, ''],
    [/ resolvers docker .*$/m, ''],
    [/bind :3000/, `bind 127.0.0.1:${port}\n  http-request deny if { path ${forbiddenPath} }\n  stats enable\n  stats uri ${statusPath}`],
    [/server-template .*$/m, servers],
  ];
  return changes.reduce((text, [from, to]) => {
    if (!from.test(text)) throw new Error(`HAProxy's configuration in compose.yaml has changed: ${from}`);
    return text.replace(from, to);
  }, config);
}

async function startProxy(write: (port: number, folder: string) => readonly [program: string, ...args: string[]]): Promise<RealProxy> {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'leadgraph-proxy-'));
  const port = await freePort(null);
  const [program, ...args] = write(port, folder);
  const child = spawn(program, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  let complaints = '';
  child.stderr.on('data', (data) => (complaints += String(data)));
  const ended = once(child, 'exit').catch((error: unknown) => void (complaints += String(error)));
  const deadline = performance.now() + startsWithinMs;
  while (!(await listens(port))) {
    if (child.exitCode !== null || performance.now() > deadline) {
      child.kill('SIGKILL');
      throw new Error(`${program} does not listen: ${complaints}`);
    }
    await sleep(20);
  }
  return {
    port,
    async stop() {
      child.kill('SIGTERM');
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

const listens = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
