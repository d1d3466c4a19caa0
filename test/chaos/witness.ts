import type { Prometheus } from '../support/prometheus.ts';
import type { Values } from './verdict.ts';

/** History of the run in Prometheus. */
export interface Witness {
  /** Returns increase() of each series, by these labels. */
  increases(metric: string, ...labels: readonly string[]): Promise<Values>;
  /** Returns the number of series, and a description of each series with resets. */
  resets(metric: string): Promise<{ readonly series: number; readonly resets: readonly string[] }>;
  /** Returns the maximum value in the run; 0 if there is none. */
  highest(expression: string): Promise<number>;
  scrapes(): Promise<{ readonly successful: number; readonly failed: number; readonly maxGapMs: number }>;
}

/** `sinceMs` is the minimum time since the start of the run. */
export function createWitness(prometheus: Prometheus, sinceMs: number): Witness {
  const range = `${Math.ceil(sinceMs / 1_000)}s`;
  return {
    // Evaluate at the time of the last scrape: so Prometheus extrapolates neither at the end nor at the 0 of the start.
    async increases(metric, ...labels) {
      const [last] = await prometheus.query(`max(timestamp(${metric}))`);
      const series = await prometheus.query(`increase(${metric}[${range}])`, last?.value);
      return new Map(
        series.map(({ metric: values, value }) => [labels.map((name) => values[name]).join(' '), value]),
      );
    },
    async resets(metric) {
      const series = await prometheus.query(`resets(${metric}[${range}])`);
      const withResets = series.filter(({ value }) => value > 0);
      return {
        series: series.length,
        resets: withResets.map(({ metric: { domain, stream, action }, value }) =>
          [`${value} in`, domain, stream, action].filter((text) => text !== undefined).join(' '),
        ),
      };
    },
    async highest(expression) {
      const [highest] = await prometheus.query(`max(max_over_time(${expression}[${range}]))`);
      return highest?.value ?? 0;
    },
    async scrapes() {
      const samples = await matrix(prometheus.url, `up[${range}]`);
      const successful = samples.filter(([, value]) => value === '1').map(([at]) => at * 1_000);
      let maxGapMs = 0;
      for (const [index, at] of successful.entries()) {
        maxGapMs = Math.max(maxGapMs, at - (successful[index - 1] ?? at));
      }
      return { successful: successful.length, failed: samples.length - successful.length, maxGapMs };
    },
  };
}

/** Returns the samples of the only series. */
async function matrix(url: string, expression: string): Promise<readonly (readonly [number, string])[]> {
  const response = await fetch(`${url}/api/v1/query?query=${encodeURIComponent(expression)}`);
  // Shape: Prometheus HTTP API, "range vectors".
  const { data } = (await response.json()) as { data: { result: { values: [number, string][] }[] } };
  return data.result[0]?.values ?? [];
}
