import { collectDefaultMetrics, Counter, Histogram, type Registry } from 'prom-client';

export interface HttpMetrics {
  /** Counts an answered request. `route` is the pattern, never the path: ids would make a series each. */
  readonly observe: (route: string, method: string, status: number, elapsedMs: number) => void;
}

const buckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];

export function createHttpMetrics(registry: Registry): HttpMetrics {
  collectDefaultMetrics({ register: registry });
  const requests = new Counter({
    name: 'http_requests_total',
    help: 'Answered HTTP requests.',
    labelNames: ['route', 'method', 'status'] as const,
    registers: [registry],
  });
  const durations = new Histogram({
    name: 'http_request_duration_seconds',
    help: 'Time from the request line to the last byte of the answer handed to the system.',
    labelNames: ['route', 'method'] as const,
    buckets,
    registers: [registry],
  });
  // Finding a series by its labels costs more than counting in it, so each is found once.
  const series = new Map<string, { readonly count: () => void; readonly time: (seconds: number) => void }>();
  const find = (route: string, method: string, status: number) => {
    const count = requests.labels(route, method, String(status));
    const time = durations.labels(route, method);
    return { count: () => count.inc(), time: (seconds: number) => time.observe(seconds) };
  };
  return {
    observe(route, method, status, elapsedMs) {
      const key = `${method} ${route} ${status}`;
      const known = series.get(key) ?? find(route, method, status);
      series.set(key, known);
      known.count();
      known.time(elapsedMs / 1000);
    },
  };
}
