import { afterAll, beforeAll, expect, test } from 'vitest';
import { streamLabels } from '../support/fleet-history.ts';
import { type Prometheus, type QueriedSeries, startPrometheus } from '../support/prometheus.ts';
import { describeWithTool } from '../support/tools.ts';
import { writeFleet } from '../support/written-fleet.ts';
import { numbers, queriesOf, series, value } from './panel-values.ts';
import { badShare, endMs, fleet, lastSample, minutes, stopped, view } from './twelve-streams.ts';

// One file, because all these tests ask the same history, and writing it takes seconds.
describeWithTool('prometheus', 'Prometheus with a written history', () => {
  let running: Prometheus;
  let down: Prometheus;
  let empty: Prometheus;

  beforeAll(async () => {
    const start = () => startPrometheus('global: {}\n', ['--web.enable-remote-write-receiver']);
    [running, down, empty] = await Promise.all([start(), start(), start()]);
    await Promise.all([writeFleet(running.url, fleet), writeFleet(down.url, stopped)]);
  }, 60_000);

  afterAll(async () => {
    await Promise.all([running, down, empty].map((each) => each[Symbol.asyncDispose]()));
  });

  test('the fleet shows how many streams are in each state, now and by account', async () => {
    expect(await numbers(running)).toEqual({
      missing: [2],
      degraded: [1],
      interrupted: [1],
      unknown: [4],
      up: [4],
      Forbidden: [1],
      'Firing alerts': [7],
      'Bad time share': [expect.closeTo(badShare(), 3)],
      Exporters: [1],
    });
    const groups = await series(running, 'One or many?', { by: 'account' });
    expect(
      Object.fromEntries(groups.map(({ metric, value }) => [`${metric.group} ${metric.state}`, value])),
    ).toEqual({
      'account-1 1': 1,
      'account-1 2.5': 1,
      'account-1 3': 1,
      'account-1 4': 1,
      'account-2 1': 3,
      'account-2 4': 1,
      'account-3 2': 4,
    });
  });

  test.each([
    [
      'livestream_push_info|server_ip',
      {
        '198.51.100.1 3': 1,
        '198.51.100.2 1': 1,
        '198.51.100.4 1': 1,
        '198.51.100.8 1': 1,
        '198.51.100.11 1': 1,
        // Missing, interrupted and unknown streams have no ingest node now.
        '– 4': 2,
        '– 2.5': 1,
        '– 2': 4,
      },
    ],
    ['livestream_stream_info|channel', { 'news 1': 1, 'news 2.5': 1, 'news 3': 1, 'news 4': 1 }],
  ])('streams are counted by a label that not all of their series have: %s', async (by, expected) => {
    const groups = await series(running, 'One or many?', { by });
    const counts = groups.map(({ metric, value }) => [`${metric.group ?? ''} ${metric.state}`, value]);

    expect(Object.fromEntries(counts)).toMatchObject(expected);
    expect(groups.reduce((sum, { value }) => sum + value, 0)).toBe(fleet.streams);
  });

  test('an exporter that is down, and a Prometheus without data, look different from zero', async () => {
    const nothing = { missing: [], degraded: [], unknown: [], up: [], Forbidden: [] };
    expect(await numbers(down)).toMatchObject({ ...nothing, Exporters: [0], 'Firing alerts': [0] });
    expect(await numbers(empty)).toMatchObject({ ...nothing, Exporters: [], 'Firing alerts': [] });
  });

  test('an account of which nothing is known, and one without control history, look different from zero', async () => {
    const ofTitle = async (title: string, selected: Readonly<Record<string, string>>) =>
      (await series(running, title, selected)).map((each) => each.value);

    // No number, which the panel shows as unknown.
    expect(await ofTitle('Streams by state', { account: 'account-3' })).toEqual([NaN, NaN, NaN, 4, NaN]);
    expect(await ofTitle('Forbidden', { domain: 'push-1.example.com' })).toEqual([0]);
    // Not watched: no totals of the domain, and no collector of control actions.
    expect(await ofTitle('Forbidden', { domain: 'push-3.example.com' })).toEqual([-1]);
  });

  test('the table says what is wrong with each stream, and since when', async () => {
    const now = endMs / 1000;
    const rows = await series(running, 'Streams, worst first', {});
    const named = rows.filter(({ metric }) => metric.alertname !== undefined);
    const name = ({ metric }: QueriedSeries) => metric.key?.split('\n').at(-1) ?? '';
    const causes = Object.fromEntries(named.map((row) => [name(row), row.metric.alertname]));
    const [, sinceQuery = ''] = queriesOf('livestream-fleet.json', 'Streams, worst first', view);
    const begins = await running.query(sinceQuery, view.endSeconds);
    const ages = Object.fromEntries(begins.map((row) => [name(row), now - row.value / 1000]));

    // With the kind of most failures.
    const blind = 'LivestreamCollectorFailing auth';
    expect(causes).toEqual({
      // The critical alert, with the begin of the first one.
      'room-0001': 'LivestreamPushVideoStalled',
      'room-0005': 'LivestreamPushMissing',
      // The cause, and not that the stream is missing too.
      'room-0007': 'LivestreamForbidden',
      'room-0010': 'LivestreamPushFlapping',
      'room-0003': blind,
      'room-0006': blind,
      'room-0009': blind,
      'room-0012': blind,
    });
    expect(named).toHaveLength(8);
    expect(ages).toEqual({
      'room-0001': 300,
      // As on the status page, since the last sample.
      'room-0005': 360 + lastSample,
      // The time of the forbid, which is that of the last sample here.
      'room-0007': 240 + lastSample,
      // The begin of the breaks, four minutes before that of the alert.
      'room-0010': 420 + 240,
      'room-0003': 180,
      'room-0006': 180,
      'room-0009': 180,
      'room-0012': 180,
    });
  });

  test('the table shows an interrupted stream before the other ones that are up', async () => {
    const [query = ''] = queriesOf('livestream-fleet.json', 'Streams, worst first', view);
    const states = await running.query(query, view.endSeconds);

    expect(
      Object.fromEntries(states.map(({ metric, value: state }) => [metric.key?.split('\n').at(-1), state])),
    ).toMatchObject({
      'room-0002': 1,
      'room-0005': 4,
      'room-0010': 2.5,
    });
    expect(states).toHaveLength(12);
  });

  test('the reason of failing requests is shown, and not a failure now and then', async () => {
    const rows = await series(running, 'Failing requests', {});

    // Requests of account-3 fail for three minutes; of all others, one in 50 is unavailable.
    expect(rows.map(({ metric, value: failed }) => [metric, failed])).toEqual([
      [
        { account: 'account-3', operation: 'DescribeStreamPushInfoList', kind: 'auth' },
        expect.closeTo(4 * 36, -1),
      ],
    ]);
  });

  test('a stream in trouble without an alert has a begin, and no name of what is wrong', async () => {
    const [, sinceQuery = ''] = queriesOf('livestream-fleet.json', 'Streams, worst first', view);
    // Bad samples for 15 s: the alert fires after 30 s.
    const rows = await running.query(sinceQuery, endMs / 1000 - 600 + 15);

    expect(
      rows.map(({ metric, value: at }) => [metric.key?.split('\n').at(-1), metric.alertname, endMs - at]),
    ).toContainEqual(['room-0004', undefined, minutes(10)]);
  });

  test('the table of alerts has critical ones first, then the newest, with the begin of the alert', async () => {
    const [query = ''] = queriesOf('livestream-fleet.json', 'Firing alerts', view).slice(1);
    const rows = await running.query(query, view.endSeconds);

    const order = rows.map(({ metric: { alertname, stream, severity }, value: at }) => [
      severity,
      alertname,
      stream,
      endMs - at,
    ]);
    expect(order).toEqual([
      ['critical', 'LivestreamPushVideoStalled', 'room-0001', minutes(2)],
      ['critical', 'LivestreamCollectorFailing', undefined, minutes(3)],
      ['critical', 'LivestreamPushMissing', 'room-0007', minutes(4)],
      ['critical', 'LivestreamPushMissing', 'room-0005', minutes(6)],
      ['warning', 'LivestreamForbidden', 'room-0007', minutes(4)],
      ['warning', 'LivestreamPushFpsLow', 'room-0001', minutes(5)],
      ['warning', 'LivestreamPushFlapping', 'room-0010', minutes(7)],
    ]);
  });

  test('filters for a label and for the ingest node hide other streams only', async () => {
    const names = async (selected: Readonly<Record<string, string>>) => {
      const rows = await series(running, 'Streams, worst first', selected);
      return [...new Set(rows.flatMap(({ metric }) => metric.stream ?? []))].toSorted();
    };

    expect(await names({})).toHaveLength(12);
    expect(await names({ channel: 'news' })).toEqual(['room-0001', 'room-0004', 'room-0007', 'room-0010']);
    // The ingest nodes of missing and unknown streams are unknown.
    expect(await names({ server_ip: '198.51.100.1' })).toEqual([
      'room-0001',
      'room-0003',
      'room-0005',
      'room-0006',
      'room-0007',
      'room-0009',
      // In a break of its push.
      'room-0010',
      'room-0012',
    ]);
  });

  test('a graph over a day shows a trouble of two minutes', async () => {
    const day = { ...view, rangeSeconds: 86_400 };
    const [query] = queriesOf('livestream-fleet.json', 'State of the worst streams', day);
    // The step of the graph ends after the trouble.
    const states = await running.query(query ?? '', view.endSeconds);

    expect(states.find(({ metric }) => metric.stream === 'room-0004')?.value).toBe(3);
  });

  test('the graph of trouble has a line for each state, at zero without such a stream', async () => {
    const at = async (minute: number) => {
      const [query = ''] = queriesOf('livestream-fleet.json', 'Streams in trouble', view);
      const lines = await running.query(query, view.endSeconds - minute * 60);
      return Object.fromEntries(lines.map(({ metric, value }) => [metric.state, value]));
    };

    expect(await at(0)).toEqual({ 2: 4, 2.5: 1, 3: 1, 4: 2 });
    expect(await at(20)).toEqual({ 2: 0, 2.5: 0, 3: 0, 4: 0 });
    const [query = ''] = queriesOf('livestream-fleet.json', 'Streams in trouble', view);
    expect(await empty.query(query)).toEqual([]);
  });

  test('the lanes of the worst streams are in the order of their states', async () => {
    const lanes = await series(running, 'State of the worst streams', {});
    // Prometheus sorts the series of a graph by their labels, of which this one is the first.
    const place = ({ metric }: QueriedSeries) => metric._place ?? '';
    const sorted = lanes.toSorted((a, b) => (place(a) < place(b) ? -1 : 1));

    expect(sorted.slice(0, 3).map(({ metric }) => metric.stream)).toEqual([
      'room-0005',
      'room-0007',
      'room-0001',
    ]);
    expect(sorted.slice(3, 8).map(({ value: state }) => state)).toEqual([2.5, 2, 2, 2, 2]);
    // An up stream with trouble before comes before the others.
    expect(sorted[8]?.metric.stream).toBe('room-0004');
    expect(new Set(lanes.map((each) => place(each).split('.')[0]?.length))).toEqual(new Set([10]));
  });

  test('the bad time in the table is that of the time range, also for a stream that is newer', async () => {
    const badOf = async (rangeSeconds: number) => {
      const queries = queriesOf('livestream-fleet.json', 'Streams, worst first', { ...view, rangeSeconds });
      const rows = await running.query(
        queries.find((query) => query.includes('bad_seconds')) ?? '',
        view.endSeconds,
      );
      return Object.fromEntries(rows.map(({ metric, value }) => [metric.key?.split('\n').at(-1), value]));
    };

    const inRange = await badOf(1_200);
    // The time of unknown streams is unknown.
    expect(Object.keys(inRange)).toHaveLength(8);
    // Longer than what is counted, which is 366 s.
    expect(inRange['room-0005']).toBe(360 + lastSample);
    expect(inRange['room-0010']).toBe(90);
    expect(inRange['room-0001']).toBe(305);
    expect(inRange['room-0004']).toBe(120);
    expect(inRange['room-0002']).toBe(0);
    // There are no samples from the begin of this time range, so the recording rules tell.
    const isNewer = await badOf(7_200);
    expect(Object.keys(isNewer)).toHaveLength(8);
    expect(isNewer['room-0004']).toBeCloseTo(120, -1);
    expect(isNewer['room-0002']).toBe(0);
  });

  test.each([
    ['missing', 4, 360 + lastSample],
    ['interrupted', 9, 90],
    ['up', 1, 0],
  ])('the dashboard of a stream adds the time that is not counted yet: %s', async (_, index, seconds) => {
    const { account = '', stream = '' } = streamLabels(index, 3);
    const selected = { account, stream };
    const queries = queriesOf('livestream-stream.json', 'Bad in total', { ...view, selected });

    expect(await value(running, queries[1] ?? '')).toBe(seconds);
  });

  test('the dashboard of a stream has exact means, and counts an event in one bar', async () => {
    const { account = '', stream = '' } = streamLabels(0, 3);
    const of = (title: string) =>
      queriesOf('livestream-stream.json', title, { ...view, selected: { account, stream } });
    const [now = '', expected = '', mean = '', low = '', limit = '', expectedLine = ''] = of('Frame rate');
    const [observed = ''] = of('Time counted');

    expect(await value(running, now)).toBeCloseTo(12, 0);
    expect(await value(running, expected)).toBe(25);
    expect(await value(running, expectedLine)).toBe(25);
    expect(await value(running, mean)).toBeCloseTo(12, 0);
    expect(await value(running, low)).toBeCloseTo(12, 0);
    expect(await value(running, limit)).toBe(20);
    expect(await value(running, of('State')[0] ?? '')).toBe(3);
    expect(await value(running, of('Since')[0] ?? '')).toBe(endMs - minutes(5));
    // Bars of half an hour, whose sum is what was observed.
    let sum = 0;
    for (let at = endMs / 1000; at > endMs / 1000 - 1740; at -= 60)
      sum += (await running.query(observed, at))[0]?.value ?? 0;
    expect(sum).toBe(29 * 60);
  });
});
