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
  return {
    observe(route, method, status, elapsedMs) {
      requests.inc({ route, method, status });
      durations.observe({ route, method }, elapsedMs / 1000);
    },
  };
}
