import type { Prometheus } from '../support/prometheus.ts';
import type { Values } from './verdict.ts';

/** What a Prometheus saw of the whole run. */
export interface Witness {
  /** increase() of each series, by these labels. */
  increases(metric: string, ...labels: readonly string[]): Promise<Values>;
  /** Of how many series it told, and of each that had resets, how many. */
  resets(metric: string): Promise<{ readonly series: number; readonly fallen: readonly string[] }>;
  /** The highest value in all of the run; 0 where there is none. */
  highest(expression: string): Promise<number>;
  scrapes(): Promise<{ readonly well: number; readonly failed: number; readonly longestGapMs: number }>;
}

/** `sinceMs`: how long ago it began, at least. */
export function createWitness(prometheus: Prometheus, sinceMs: number): Witness {
  const range = `${Math.ceil(sinceMs / 1_000)}s`;
  return {
    /** Asked for at the very moment of the last scrape: there is nothing to extrapolate, neither there nor at the 0 of the beginning. */
    async increases(metric, ...labels) {
      const [last] = await prometheus.query(`max(timestamp(${metric}))`);
      const series = await prometheus.query(`increase(${metric}[${range}])`, last?.value);
      return new Map(
        series.map(({ metric: own, value }) => [labels.map((name) => own[name]).join(' '), value]),
      );
    },
    async resets(metric) {
      const series = await prometheus.query(`resets(${metric}[${range}])`);
      const fallen = series.filter(({ value }) => value > 0);
      return {
        series: series.length,
        fallen: fallen.map(({ metric: { domain, stream, action }, value }) =>
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
      const well = samples.filter(([, value]) => value === '1').map(([at]) => at * 1_000);
      let longestGapMs = 0;
      for (const [index, at] of well.entries()) {
        longestGapMs = Math.max(longestGapMs, at - (well[index - 1] ?? at));
      }
      return { well: well.length, failed: samples.length - well.length, longestGapMs };
    },
  };
}

/** The samples of the one series that there is. */
async function matrix(url: string, expression: string): Promise<readonly (readonly [number, string])[]> {
  const answer = await fetch(`${url}/api/v1/query?query=${encodeURIComponent(expression)}`);
  // The shape is that of Prometheus' HTTP API, "range vectors".
  const { data } = (await answer.json()) as { data: { result: { values: [number, string][] }[] } };
  return data.result[0]?.values ?? [];
}
