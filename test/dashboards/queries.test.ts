import { join } from 'node:path';
import { expect, test } from 'vitest';
import { dashboardFiles } from '../../dashboards/dashboards.ts';
import { startDaemon } from '../support/daemon.ts';
import { type Prometheus, startPrometheus } from '../support/prometheus.ts';
import { describeWithTool } from '../support/tools.ts';
import { waitFor } from '../support/wait-for.ts';
import { sentQueries, sentVariables, type View } from './as-grafana.ts';

const rules = join(import.meta.dirname, '..', '..', 'config', 'rules', 'livestream.rules.yml');

/** Streams of the demo that together have every value: one of each API, and one with control actions. */
const streams: readonly Readonly<Record<string, string>>[] = [
  { stream: '1234_city-cam', account: 'simulator' },
  { stream: '1234_night', account: 'simulator' },
  { stream: 'room-1', account: 'simulator-api3' },
  { stream: 'guest-1', account: 'simulator-alibaba' },
];

/** Queries that have no series in the demo. */
const absent: readonly RegExp[] = [
  // No alert about an account or an exporter fires.
  /ALERTS.*stream=""/,
  // The demo posts no alerts by itself.
  /livestream_alert(s|manager)_/,
  // The simulator reports no begin of a push.
  /livestream_push_start_timestamp_seconds/,
];

/** What the main panels must show of the scenario, 100 s after its begin. */
const truth: Readonly<Record<string, number>> = {
  missing: 1, // 1234_night is expected, and never pushed
  unknown: 0,
  Forbidden: 1, // guest-1
  Exporters: 1,
};

/** States in the order of their numbers. */
const states = ['missing', 'degraded', 'interrupted', 'unknown', 'up'];

describeWithTool('prometheus', 'Prometheus scraping the demo', () => {
  test('answers every query and every variable, and the main panels show what happens in the scenario', {
    timeout: 180_000,
  }, async () => {
    const daemon = startDaemon(['demo', '--web.listen-address=127.0.0.1:0']);
    try {
      const { host } = new URL(await daemon.url());
      await using prometheus = await startPrometheus(`
global: {scrape_interval: 1s, scrape_timeout: 1s, evaluation_interval: 1s}
rule_files: ["${rules}"]
scrape_configs:
  - job_name: livestream-exporter
    static_configs: [{targets: ["${host}"]}]
`);
      const endSeconds = await waitFor(
        'a forbid to be read, a missing stream to be reported, and city-cam to be degraded',
        async () => {
          // Look at the time of a scrape: after a later scrape that takes too long, all series are stale.
          const [last] = await prometheus.query('max(timestamp(up) and up == 1)');
          if (last === undefined) return undefined;
          const found = await Promise.all(
            [
              // Bars compare with a minute ago.
              'livestream_push_samples_total{stream="room-1"} offset 65s',
              'livestream_control_domain_actions_total offset 65s',
              'livestream_control_forbidden{stream="guest-1"} == 1',
              'ALERTS{alertname="LivestreamPushMissing", alertstate="firing"}',
              'livestream_push_bad_seconds_total{stream="1234_city-cam"} > 0',
              'stream:livestream_push_state:max{stream="1234_city-cam"} == 3',
              'rate(livestream_push_media_seconds_total{stream="room-1"}[20s]) > 0',
            ].map((query) => prometheus.query(query, last.value)),
          );
          return found.every((series) => series.length > 0) ? last.value : undefined;
        },
        110_000,
      );

      const view: View = { rangeSeconds: 300, endSeconds, scrapeSeconds: 1 };
      expect(await withoutAnswer(prometheus, view)).toEqual([]);
      const fleet = await values(prometheus, view);
      expect(fleet).toMatchObject({ ...truth, degraded: expect.toSatisfy((count) => count >= 1) });
      // Eight channels and three rooms are pushed, some of them with bad samples.
      expect((fleet.up ?? 0) + (fleet.degraded ?? 0)).toBe(11);
      // Only control actions of guest-1 are known.
      expect(await stateOf(prometheus, view, 'guest-1')).toBe(-1);
      expect(await stateOf(prometheus, view, '1234_night')).toBe(4);
    } finally {
      await daemon.end('SIGTERM');
    }
  });
});

/** Returns the queries that no stream of the demo answers, and the variables without a value. */
async function withoutAnswer(prometheus: Prometheus, view: View): Promise<readonly string[]> {
  const empty: string[] = [];
  for (const { file, dashboard } of dashboardFiles()) {
    const selections = file.includes('-stream') ? streams : [{}];
    const perSelection = selections.map((selected) => sentQueries(dashboard, { ...view, selected }));
    for (const [i, { title, query }] of (perSelection[0] ?? []).entries()) {
      const answers = await Promise.all(
        perSelection.map((queries) => answer(prometheus, queries[i]?.query ?? '', view)),
      );
      const text = `${title}: ${query}`;
      if (answers.every((count) => count === 0) && !absent.some((each) => each.test(text))) {
        empty.push(`${file} ${text}`);
      }
    }
    for (const { name, selector, label } of sentVariables(dashboard, {
      ...view,
      selected: streams[0] ?? {},
    })) {
      // The config of the demo has no labels.
      if (name === 'channel') continue;
      if ((await answer(prometheus, `count by (${label}) (${selector})`, view)) === 0)
        empty.push(`${file} $${name}`);
    }
  }
  return empty;
}

/**
 * Returns the number of series of a query. What is counted only if it happened (`> 0`) counts as answered if
 * it could have happened.
 */
async function answer(prometheus: Prometheus, query: string, { endSeconds }: View): Promise<number> {
  // Alerts that begin are seen only at the moment of their begin.
  const past = query.includes('ALERTS{') ? Array.from({ length: 80 }, (_, i) => i) : [0];
  const counts = await Promise.all(
    past.map(
      async (seconds) => (await prometheus.query(query.replace(/ > 0$/, ''), endSeconds - seconds)).length,
    ),
  );
  return Math.max(...counts);
}

/** Returns the values of the numbers of the fleet. */
async function values(prometheus: Prometheus, view: View): Promise<Record<string, number | undefined>> {
  const queries = queriesOf('livestream-fleet.json', view);
  const pairs = Object.entries({
    ...Object.fromEntries(states.map((state, i) => [state, queries('Streams by state')[i]])),
    Forbidden: queries('Forbidden')[0],
    Exporters: queries('Exporters')[0],
  }).map(
    // At one time: otherwise a stream can move between two numbers that are added.
    async ([name, query = '']) => [name, (await prometheus.query(query, view.endSeconds))[0]?.value] as const,
  );
  return Object.fromEntries(await Promise.all(pairs));
}

/** Returns the state of a stream of the demo on its dashboard. */
async function stateOf(prometheus: Prometheus, view: View, stream: string): Promise<number | undefined> {
  const selected = streams.find((each) => each.stream === stream) ?? {};
  const [query = ''] = queriesOf('livestream-stream.json', { ...view, selected })('State');
  return (await prometheus.query(query, view.endSeconds))[0]?.value;
}

/** Returns a function that returns the queries of a panel. */
function queriesOf(file: string, view: View): (title: string) => readonly string[] {
  const found = dashboardFiles().find((each) => each.file === file);
  if (found === undefined) throw new Error(`no dashboard ${file}`);
  const queries = sentQueries(found.dashboard, view);
  return (title) => queries.filter((each) => each.title === title).map(({ query }) => query);
}
