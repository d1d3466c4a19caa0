import type { Consequence, Expectation } from './episodes.ts';

/** Time of the causes in the story, in seconds: the exporters have seen every stream healthy before. */
const from = 60;
/** Duration of most causes in seconds. */
const lasts = 90;
const slowUntil = 560;

/** Returns events of 5 s with a low frame rate, one every `every` seconds. */
function dips(first: number, every: number, until: number): string {
  const count = Math.ceil((until - first) / every);
  return Array.from({ length: count }, (_, i) => `{at: ${first + i * every}s, for: 5s, fps: 60%}`).join(', ');
}

/** Returns changes of the address of the publisher, one every 10 s. */
function handovers(first: number, until: number): string {
  const count = Math.floor((until - first) / 20);
  return Array.from(
    { length: count },
    (_, i) => `{at: ${first + i * 20}s, for: 10s, client_ip: 203.0.113.9}`,
  ).join(', ');
}

const silent = 'silent: true';

/**
 * Scenarios of the drill, one per account with an API of its own. Each has healthy streams beside the others.
 */
export const scenarios: readonly string[] = [
  `
name: streams
noise: 5%
streams:
  - {name: "calm-{n}", count: 3}
  - {name: low, story: [{at: ${from}s, for: ${lasts}s, fps: 60%}]}
  - {name: collapsed, story: [{at: ${from}s, for: ${lasts}s, fps: 20%}]}
  - {name: frozen, story: [{at: ${from}s, for: ${lasts}s, fps: 0}]}
  - {name: thin, story: [{at: ${from}s, for: 120s, bitrate: 30%}]}
  - {name: missing, story: [{at: ${from}s, for: 150s, ${silent}}]}
  - {name: flaps, story: [{at: ${from}s, for: 150s, flapping: {up: 10s, down: 15s}}]}
  - {name: moved, story: [{at: ${from}s, client_ip: 203.0.113.9}]}
  - {name: fights, story: [${handovers(from, 240)}]}
  - {name: burns, story: [${dips(from, 20, 240)}]}
  - {name: smolders, story: [${dips(20, 50, slowUntil)}]}
  - {name: gap}
  - {name: jitter, api: api3, story: [{at: ${from}s, for: 120s, video_time: 80%}]}
  - {name: keyframes, api: api3, story: [{at: ${from}s, for: 120s, keyframe_interval: 15s}]}
  - name: ended
    api: api3
    story: [{at: ${from}s, for: 150s, ${silent}, stop_reason: The system actively stopped the push with no data for a long time.}]
domains:
  - name: play.example.com
    story: [{at: ${from}s, stream: guest, action: forbid}, {at: ${from + lasts}s, stream: guest, action: resume}]
`,
  `
name: down
provider: {story: [{at: ${from}s, for: ${lasts}s, answer: '503'}]}
streams: [{name: "down-{n}", count: 3}]
`,
  `
name: flaky
provider: {story: [{at: ${from}s, for: ${lasts}s, answer: '503', share: 50%}]}
streams: [{name: "flaky-{n}", count: 3}]
`,
  `
name: throttled
provider: {story: [{at: ${from}s, for: ${lasts}s, answer: 1202, share: 30%}]}
streams: [{name: "throttled-{n}", count: 3}]
`,
  `
name: rejected
provider: {story: [{at: ${from}s, for: ${lasts}s, answer: sign invalid, share: 30%}]}
streams: [{name: rejected}]
`,
  `
name: late
provider: {story: [{at: ${from}s, for: 120s, held_until: ${from + 120}s}]}
streams: [{name: "late-{n}", count: 3}]
`,
  `
name: skewed
streams: [{name: skewed}]
`,
  `
name: partial
domains: [{name: partial.example.com}]
`,
  // Watched by the second exporter.
  `
name: second
account: {api: api3, discover: true}
streams:
  - {name: "found-{n}", count: 3}
`,
];

/** URL at which nothing listens: port 1 is reserved. The first exporter posts alerts there for a while. */
export const nowhere = 'http://127.0.0.1:1';

/** Domain that the account `partial` does not have. */
export const unknownDomain = 'unknown.example.com';

/** Times of the actions in seconds after the start of the stories. */
export const times = {
  /** The clock of `skewed` is wrong; the config of the first exporter has an unknown domain and `nowhere`. */
  from,
  /** The stream `gap` is in the config again: it was away for longer than `lookback`, which is requested again. */
  gapEnds: 200,
  until: from + lasts,
  /** The second exporter starts again, with a state that it can use. */
  restart: 75,
  /** The second exporter cannot write, and its config is broken. */
  broken: 90,
  fixed: 180,
  canWrite: 210,
  slowUntil,
} as const;

/** Returns the alerts of the first part, for stories that begin at `startedAt` (epoch ms). */
export function expectedAlerts(startedAt: number, second: string): readonly Expectation[] {
  const at = (seconds: number) => startedAt + 1_000 * seconds;
  const expectation = (
    alert: string,
    labels: Expectation['labels'],
    begin = from,
    end?: number,
  ): Expectation => ({
    alert: `Livestream${alert}`,
    labels,
    causeAt: at(begin),
    ...(end !== undefined && { endAt: at(end) }),
  });
  const stream = (alert: string, name: string, end?: number, begin = from) =>
    expectation(alert, { stream: name }, begin, end);
  return [
    stream('PushFpsLow', 'low', times.until),
    stream('PushFpsCollapsed', 'collapsed', times.until),
    stream('PushVideoStalled', 'frozen', times.until),
    stream('PushBitrateLow', 'thin', from + 120),
    stream('PushTimestampJitter', 'jitter', from + 120),
    stream('PushKeyframeIntervalLong', 'keyframes', from + 120),
    stream('PushMissing', 'missing', from + 150),
    stream('PushFlapping', 'flaps', from + 150),
    stream('PushEndedAbnormally', 'ended', from + 150),
    stream('PushPublishersFighting', 'fights', 240),
    stream('PushPublisherChanged', 'moved'),
    expectation('CollectorFailing', { account: 'down', collector: 'push_stats' }, from, times.until),
    ...['control_history', 'forbidden_streams'].map((collector) =>
      expectation('CollectorTargetsFailing', { account: 'partial-alibaba', collector }, from, times.until),
    ),
    expectation('ProviderLagging', { account: 'late' }, from, from + 120),
    expectation('RequestsRejected', { account: 'rejected' }, from, times.until),
    ...['DescribeLiveStreamsControlHistory', 'DescribeLiveStreamsBlockList'].map((operation) =>
      expectation('RequestsRejected', { account: 'partial-alibaba', operation }, from, times.until),
    ),
    expectation('RequestsThrottled', { account: 'throttled' }, from, times.until),
    expectation('RequestsFailing', { account: 'flaky' }, from, times.until),
    expectation('ClockOff', { account: 'skewed' }, from, times.until),
    stream('Forbidden', 'guest', times.until),
    expectation('StateNotSaved', { instance: second }, times.broken, times.canWrite),
    expectation('ConfigNotReloaded', { instance: second }, times.broken, times.fixed),
    expectation('StreamsDropped', {}, 0, times.fixed),
    expectation('AlertsNotPosted', { alertmanager: new URL(nowhere).host }, from, times.until),
    expectation('StateLost', { instance: second }, 0, times.restart),
    { ...expectation('Watchdog', {}, 0), isEndless: true },
    stream('PushBudgetBurnFast', 'burns', 240),
    stream('PushBudgetBurnSlow', 'smolders', slowUntil, 20),
    expectation('TimeLost', { account: 'streams' }, times.gapEnds),
  ];
}

/**
 * A stream that is bad for a minute uses up its error budget, which the drill has made as short as its other
 * durations. And when the exporters come back, they have been away for longer than the divided 15 min for
 * which TimeLost remembers a gap.
 */
export const consequences: readonly Consequence[] = [
  ...['low', 'collapsed', 'frozen', 'thin', 'missing', 'flaps', 'burns'].flatMap((stream) =>
    ['Fast', 'Slow'].map((pace) => ({ alert: `LivestreamPushBudgetBurn${pace}`, labels: { stream } })),
  ),
  { alert: 'LivestreamTimeLost', labels: { account: 'streams' } },
];
