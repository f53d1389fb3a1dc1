import { collectDefaultMetrics, Counter, Histogram, type Registry } from 'prom-client';

export interface HttpMetrics {
  /** Counts an answered request. `route` is the pattern, never the path: ids would make a series each. */
  readonly observe: (route: string, method: string, status: number, elapsedMs: number) => void;
  /** Counts one that was refused before anything was done for it: a flood of them would hide how long the others took. */
  readonly count: (route: string, method: string, status: number) => void;
}

interface Series {
  readonly labels: Record<'route' | 'method' | 'status', string>;
  /** Since the metrics were last read. */
  answered: number;
}

const buckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];

export function createHttpMetrics(registry: Registry): HttpMetrics {
  // Finding a series by its labels costs more than counting in it, so that is done when the metrics are read.
  const series = new Map<string, Series>();
  collectDefaultMetrics({ register: registry });
  const requests: Counter = new Counter({
    name: 'http_requests_total',
    help: 'Answered HTTP requests.',
    labelNames: ['route', 'method', 'status'] as const,
    registers: [registry],
    collect() {
      for (const one of series.values()) {
        requests.inc(one.labels, one.answered);
        one.answered = 0;
      }
    },
  });
  const durations = new Histogram({
    name: 'http_request_duration_seconds',
    help: 'Time from the request line to the last byte of the answer handed to the system, without what was refused at the door.',
    labelNames: ['route', 'method'] as const,
    buckets,
    registers: [registry],
  });

  function count(route: string, method: string, status: number): void {
    const key = `${method} ${route} ${status}`;
    let one = series.get(key);
    if (!one) {
      one = { labels: { route, method, status: String(status) }, answered: 0 };
      series.set(key, one);
    }
    one.answered += 1;
  }

  return {
    count,
    observe(route, method, status, elapsedMs) {
      count(route, method, status);
      durations.observe({ route, method }, elapsedMs / 1000);
    },
  };
}
