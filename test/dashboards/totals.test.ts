import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Prometheus, startPrometheus } from '../support/prometheus.ts';
import { encodeSeries, remoteWrite, staleMarker } from '../support/remote-write.ts';
import { describeWithTool } from '../support/tools.ts';
import { queriesOf } from './panel-values.ts';
import { endMs, minutes, view } from './twelve-streams.ts';

type Value = (secondsAgo: number) => number | typeof staleMarker | undefined;

/** Writes a series of half an hour with a scrape every 5 s. */
async function write(prometheus: Prometheus, labels: Readonly<Record<string, string>>, value: Value) {
  const times = Array.from({ length: 361 }, (_, i) => endMs - minutes(30) + i * 5_000);
  const values = times.map((time) => value((endMs - time) / 1000));
  await remoteWrite(prometheus.url, [encodeSeries(labels, times, values)]);
}

/** A total that grows by `perSecond`, and that the exporter counts at each poll: the last one was 10 s ago. */
function counted(perSecond: number, pollSeconds: number): Value {
  return (ago) => perSecond * pollSeconds * Math.floor((1810 - ago) / pollSeconds);
}

describeWithTool('prometheus', 'Prometheus with written totals', () => {
  let running: Prometheus;

  beforeAll(async () => {
    running = await startPrometheus('global: {}\n', ['--web.enable-remote-write-receiver']);
  }, 60_000);

  afterAll(async () => {
    await running[Symbol.asyncDispose]();
  });

  test('the graphs of a stream that is polled every 30 s have no holes', async () => {
    const id = { instance: 'a', account: 'account-1', domain: 'push.example.com', stream: 'slow' };
    const total = (name: string, perSecond: number, more: Readonly<Record<string, string>> = {}) =>
      write(running, { __name__: `livestream_push_${name}_total`, ...id, ...more }, counted(perSecond, 30));
    await total('frames', 25);
    await total('bytes', 250_000);
    await total('observed_seconds', 1);
    await total('measured_seconds', 1, { value: 'fps' });
    await total('measured_seconds', 1, { value: 'bitrate' });
    await total('degraded_seconds', 0.5, { condition: 'low_fps' });
    await total('media_seconds', 1, { media: 'video' });
    const seen = { ...view, selected: { account: 'account-1', stream: 'slow' } };
    const of = (title: string) => queriesOf('livestream-stream.json', title, seen);

    for (const [query = '', expected] of [
      [of('Frame rate')[2], 25],
      [of('Bit rate')[2], 2_000_000],
      [of('Conditions')[0], 0.5],
      [of('Media time')[0], 1],
    ] as const) {
      // Each point of a minute, at the interval of the graph.
      for (const ago of [0, 15, 30, 45]) {
        const values = (await running.query(query, endMs / 1000 - ago)).map(({ value }) => value);
        expect([ago, values]).toEqual([ago, [expect.closeTo(expected, 5)]]);
      }
    }
  });

  test('an exporter that returns does not add the difference to the totals of the other one to the bars', async () => {
    const bars = 'livestream_control_domain_actions_total';
    const id = { __name__: bars, account: 'account-2', domain: 'push.example.com', action: 'forbid' };
    // The total of the first exporter is older. It is down for ten minutes, and counts two actions afterwards.
    await write(running, { ...id, instance: 'old' }, (ago) => {
      if (ago > 900) return 500;
      if (ago > 300) return undefined;
      return ago > 150 ? 500 : 502;
    });
    await write(running, { ...id, instance: 'new' }, (ago) => (ago > 150 ? 3 : 5));
    // The address of an exporter changes, as after a restart in Kubernetes, and it counts an action soon after.
    const moved = { ...id, account: 'account-3' };
    await write(running, { ...moved, instance: '192.0.2.1' }, (ago) => {
      if (ago === 150) return staleMarker;
      return ago > 150 ? 7 : undefined;
    });
    await write(running, { ...moved, instance: '192.0.2.2' }, (ago) => {
      if (ago > 140) return undefined;
      return ago > 130 ? 7 : 8;
    });

    const sum = async (account: string) => {
      const [query = ''] = queriesOf('livestream-fleet.json', 'Control actions', {
        ...view,
        selected: { account },
      });
      let total = 0;
      for (let ago = 0; ago < 1740; ago += 60) {
        const [bar] = await running.query(query, endMs / 1000 - ago);
        total += bar?.value ?? 0;
      }
      return total;
    };
    expect(await sum('account-2')).toBe(2);
    expect(await sum('account-3')).toBe(1);
  });
});
