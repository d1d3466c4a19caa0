import { minuteMs, secondMs, type Window } from '../../src/model/time.ts';
import { parseScenario } from '../../src/simulator/scenario/parse-scenario.ts';
import type { Scenario } from '../../src/simulator/scenario/scenario.ts';
import type { World } from '../../src/simulator/world/world.ts';
import { toDurationText } from '../../src/text/units.ts';
import type { Draws } from './draws.ts';

/** Time from the end of the story to the last fault. */
const restMs = 10 * secondMs;

/** Delay of late rows: only just within the exporter's lookback, so that a shorter lookback would lose some. */
const lateMs = { samples: 35 * secondMs, actions: 55 * secondMs } as const;

/** Config of the exporter for this delay: it covers 40 s of samples with the default delay, and 63 s of actions. */
export const reach = {
  push_stats: { lookback: '30s', stale_after: '30s' },
  control_history: { lookback: '1m', expected_delay: '3s' },
} as const;

/** Time that a sample covers. */
const periodMs = 5 * secondMs;

/** Time from the last fault until all rows are settled. Missing time is settled one period later. */
export const latestMs = lateMs.samples + 2 * periodMs - restMs;

const groups = 20;
const streamsOfGroup = 7;
const domains = 10;
const startMs = 10 * secondMs;

/** Longest and shortest delay of late samples. The longest is shorter than the 16 min after which time is missing. */
const heldMs = { least: 30 * secondMs, most: 600 * secondMs } as const;
/** Shortest time range of late samples: long enough that no time is covered by samples around it. */
const minRangeMs = 20 * secondMs;

/**
 * Returns the time range in which streams must be live: the whole minutes of the story, because a config has no seconds.
 * So all missing time is settled at the end. Throws if the story contains no whole minute.
 */
export function dueWindow({ startedAt, scenario }: World): Window {
  const stopMs = Math.max(...scenario.streams.map((stream) => stream.stopMs));
  const due = wholeMinutes({ from: startedAt + startMs, to: startedAt + stopMs });
  if (due === undefined) throw new Error('the story contains no whole minute');
  return due;
}

function wholeMinutes({ from, to }: Window): Window | undefined {
  const minutes = { from: Math.ceil(from / minuteMs) * minuteMs, to: Math.floor(to / minuteMs) * minuteMs };
  return minutes.from < minutes.to ? minutes : undefined;
}

/** Phase of late samples; times in ms after the start of the story. */
export interface LatePhase extends Window {
  /** Time at which all samples between `from` and `to` appear. */
  readonly heldUntil: number;
}

/** Returns the phases of late samples of a scenario. */
export function latePhasesOf({ provider }: Scenario): readonly LatePhase[] {
  return provider.story.flatMap(({ fromMs, untilMs, heldUntilMs }) =>
    heldUntilMs === undefined ? [] : [{ from: fromMs, to: untilMs, heldUntil: heldUntilMs }],
  );
}

/**
 * Generates a random scenario for both providers: streams and actions that start after the exporter and end before the
 * last fault. Response shapes are random too where the documentation is ambiguous.
 */
export function drawScenario(storyMs: number, seed: number, draws: Draws): Scenario {
  const endMs = Math.floor((storyMs - restMs) / secondMs) * secondMs;
  const parsed = parseScenario(
    // JSON is YAML.
    JSON.stringify({
      name: 'chaos',
      seed,
      provider: {
        delay: '2s',
        late: { share: '10%', by: toDurationText(lateMs.samples) },
        doubled: { share: '10%' },
        partial: { share: '10%' },
        unfinished: { share: '10%' },
        story: lateStory(endMs, draws.of('late phases')),
        output: draws.pick(['object', 'array', 'rows', 'text']),
        empty: draws.pick(['code', 'null', 'absent', 'list']),
        failures_in: draws.pick(['both', 'ret', 'retcode']),
        time: draws.pick(['naive', 'iso', 'epoch', 'epoch_ms', 'digits']),
        numbers: draws.pick(['number', 'string']),
      },
      streams: Array.from({ length: groups }, (_, group) => ({
        name: `push${group + 1}-{n}`,
        count: streamsOfGroup,
        fps: draws.pick([15, 25, 29.97, 50]),
        bitrate: draws.pick(['800kbit', '2500kbit', '6Mbit']),
        start: toDurationText(startMs),
        stop: toDurationText(endMs),
        story: streamStory(endMs, draws.of(`group ${group}`)),
      })),
      alibaba: {
        delay: '3s',
        signature: draws.pick(['v3', 'v1']),
        format: draws.pick(['json', 'xml']),
        ends: draws.pick(['both', 'start', 'none']),
        order: draws.pick(['ascending', 'descending']),
        no_records: draws.pick(['list', 'object', 'absent', 'null', 'text', 'outer_list']),
        one_record: draws.pick(['list', 'object']),
      },
      domains: Array.from({ length: domains }, (_, domain) => ({
        name: `play${domain + 1}.example.com`,
        story: actionStory(endMs, draws.of(`domain ${domain}`)),
      })),
    }),
    'chaos',
  );
  if ('problems' in parsed) throw new Error(parsed.problems.join('\n'));
  return parsed.scenario;
}

/**
 * Generates phases of late samples, alternately of two kinds: the provider returns nothing new until the end of the phase,
 * or newer samples appear before the late ones.
 */
function lateStory(endMs: number, draws: Draws): readonly object[] {
  const story: object[] = [];
  let at = startMs + draws.between(5, 30) * secondMs;
  for (;;) {
    const forMs = heldMs.least * (heldMs.most / heldMs.least) ** draws.between(0, 1);
    const rangeMs = story.length % 2 === 0 ? forMs : draws.between(minRangeMs, forMs);
    if (at + forMs > endMs) return story;
    story.push({ at: toSeconds(at), for: toSeconds(rangeMs), held_until: toSeconds(at + forMs) });
    at += forMs + draws.between(10, 30) * secondMs;
  }
}

/** Generates a sequence of events with normal times between them. */
function streamStory(endMs: number, draws: Draws): readonly object[] {
  const story: object[] = [];
  let at = startMs + draws.between(5, 20) * secondMs;
  while (at < endMs) {
    const event = streamEvent(draws);
    // The exporter follows another publisher after the previous one has been silent for half a minute.
    const forMs = draws.between(5, 'client_ip' in event ? 50 : 25) * secondMs;
    story.push({ at: toSeconds(at), for: toSeconds(forMs), ...event });
    at += forMs + draws.between(5, 30) * secondMs;
  }
  return story;
}

function streamEvent(draws: Draws): object {
  return draws.pick([
    () => ({ fps: 0, bitrate: '128kbit' }),
    () => ({ fps: '60%' }),
    () => ({ bitrate: '30%' }),
    () => ({ silent: true }),
    () => ({ flapping: { up: '6s', down: '6s' } }),
    () => ({ second_publisher: '203.0.113.9' }),
    () => ({ second_publisher: '203.0.113.77' }),
    () => ({ client_ip: '203.0.113.140' }),
  ])();
}

/** Generates equal actions in one second, late rows, actions on several streams, and an unusual action. */
function actionStory(endMs: number, draws: Draws): readonly object[] {
  const at = () => toSeconds(startMs + draws.between(0, 8) * secondMs);
  const every = (low: number, high: number, untilMs = endMs) => ({
    every: toSeconds(draws.between(low, high) * secondMs),
    until: toSeconds(untilMs),
  });
  // Late actions end early, so that the run does not need to wait for them.
  const late = { late: toDurationText(lateMs.actions) };
  const lateEndMs = endMs + lateMs.samples - lateMs.actions;
  return [
    { at: at(), ...every(25, 35), stream: 'busy', action: 'forbid', times: 2 },
    { at: at(), ...every(25, 35, lateEndMs), stream: 'busy', action: 'resume', ...late },
    { at: at(), ...every(100, 140), stream: 'cam-{n}', count: 5, action: 'forbid' },
    { at: at(), ...every(100, 140), stream: 'cam-{n}', count: 5, action: 'Resume', late: '10s', times: 3 },
    { at: at(), stream: 'once', action: 'forbid' },
    { at: toSeconds(draws.between(startMs, endMs)), stream: 'late-comer', action: 'limit', times: 2 },
  ];
}

function toSeconds(ms: number): string {
  return toDurationText(Math.round(ms / secondMs) * secondMs);
}
