import { isDeepStrictEqual } from 'node:util';
import { parse } from 'yaml';
import { exporterEnvironment, isDiscovered } from '../../../src/simulator/exporter-config.ts';
import { parseScenario } from '../../../src/simulator/scenario/parse-scenario.ts';
import type { Scenario } from '../../../src/simulator/scenario/scenario.ts';
import { toStoryLines } from '../../../src/simulator/scenario/story-text.ts';
import type { SimulatedStream } from '../../../src/simulator/world/streams.ts';
import type { SimulatedSample, World } from '../../../src/simulator/world/world.ts';
import { law, lawOfLines } from '../target.ts';

type Tree = Readonly<Record<string, unknown>>;
type List = readonly Tree[];

/** Returns the items of a list in a tree, or none. The scenario with the tree is valid. */
function listIn(tree: unknown, key: string): List {
  const list = (tree as Tree)[key];
  return Array.isArray(list) ? (list as List) : [];
}

/**
 * An accepted scenario means the same in JSON, and a mistake in it is a problem. `mistake` is the number of the mistake:
 * parsing takes longer than everything else.
 */
export function lawOfParsing(tree: unknown, scenario: Scenario, mistake: number): void {
  const parsedAs = (value: unknown) => parseScenario(JSON.stringify(value), 'fuzz.json');
  law(isDeepStrictEqual(parsedAs(tree), { scenario }), 'a scenario means the same in JSON');
  const mistakes = mistakesIn(tree as Tree);
  const [what, changes] = mistakes[mistake % mistakes.length] ?? ['', {}];
  law('problems' in parsedAs({ ...(tree as Tree), ...changes }), 'a mistake is a problem', what, changes);
}

/** Returns changes of a valid scenario with which it is not valid any more. */
function mistakesIn(tree: Tree): readonly (readonly [string, object])[] {
  const [streams, domains] = [listIn(tree, 'streams'), listIn(tree, 'domains')];
  const [[stream], [domain], { loop }] = [streams, domains, tree];
  const action = domain && listIn(domain, 'story')[0];
  const ofStream = (changes: object) => ({ streams: [{ ...stream, ...changes }] });
  const late = loop === undefined ? [] : [{ at: loop }, { at: '0s', for: '999d' }];
  return [
    ['an unknown key', { unknown_key: 1 }],
    ['an unknown key', { provider: { ...(tree.provider as object), unknown_key: 1 } }],
    ['no stream and no domain', { streams: undefined, domains: undefined }],
    ...(stream === undefined
      ? []
      : ([
          ['a stream twice', { streams: [...streams, stream] }],
          ['an unknown key of a stream', ofStream({ unknown_key: 1 })],
          ['an event without effect', ofStream({ story: [{ at: '1s' }] })],
          ['an expiry without a ban', ofStream({ story: [{ at: '1s', cut: 'drop', expires: true }] })],
          ['an event of no time', ofStream({ story: [{ at: '1s', for: '0s', silent: true }] })],
          ['streams with one name', ofStream({ name: 'a', count: 2 })],
          ...late.map((event) => ['too late', ofStream({ story: [{ ...event, silent: true }] })] as const),
        ] as const)),
    ...(domain === undefined
      ? []
      : ([
          ['a domain twice', { domains: [...domains, domain] }],
          ['an unknown key of a domain', { domains: [{ ...domain, unknown_key: 1 }] }],
        ] as const)),
    ...(action === undefined
      ? []
      : ([
          ['no time', { domains: [{ ...domain, story: [{ ...action, every: '1s', until: action.at }] }] }],
          ['another application', { domains: [{ ...domain, story: [{ ...action, app_name: 'xyz1' }] }] }],
        ] as const)),
  ];
}

/** Streams and domains have one name each, and every event is within the story. */
export function lawOfEvents({ scenario, streams }: World): void {
  const { loopMs = Infinity, provider, alibaba, domains } = scenario;
  law(isSet(streams.map(({ name }) => name)), 'each stream has its own name');
  law(isSet(domains.map(({ name }) => name)), 'each domain has its own name');
  const events = [...scenario.streams, provider, alibaba].flatMap(({ story }) => [...story]);
  for (const { fromMs, untilMs } of events)
    law(
      fromMs < loopMs && untilMs > fromMs && (untilMs === Infinity || untilMs <= loopMs),
      'an event is within the story',
      fromMs,
      untilMs,
    );
  const actions = domains.flatMap(({ story, appNames }) => story.map((event) => ({ ...event, appNames })));
  for (const { atMs, untilMs, appName, appNames } of actions)
    law(atMs < loopMs && untilMs > atMs && appNames.includes(appName), 'an action can happen', atMs, untilMs);
  const lines = toStoryLines(scenario);
  lawOfLines(lines, []);
  const borders = scenario.streams.reduce(
    (sum, { startMs, stopMs }) =>
      sum + (startMs === Infinity ? 1 : Number(startMs > 0) + Number(stopMs < Infinity)),
    0,
  );
  const never = scenario.streams
    .filter(({ startMs }) => startMs === Infinity)
    .reduce((sum, { story }) => sum + story.length, 0);
  law(lines.length === events.length + actions.length + borders - never, 'each event has a line', lines);
}

function isSet(values: readonly unknown[]): boolean {
  return new Set(values).size === values.length;
}

/** Things that happen in a time range: those of its parts together, in order, and none outside. */
function lawOfRange<T>(
  what: string,
  list: (from: number, to: number) => readonly T[],
  timeOf: (item: T) => number,
  [from, middle, to]: readonly [number, number, number],
): readonly T[] {
  const all = list(from, to);
  const times = all.map(timeOf);
  law(
    times.every((at) => at >= from && at < to),
    `${what} are within the time range`,
    [from, to],
    times,
  );
  law(
    times.every((at, i) => i === 0 || at >= (times[i - 1] ?? 0)),
    `${what} are in order`,
    times,
  );
  const parts = [...list(from, middle), ...list(middle, to)];
  law(isDeepStrictEqual(parts, all), `${what} of a time range are those of its parts`, [from, middle, to]);
  return all;
}

const secondMs = 1_000;
/** Time range of the laws, and where it is divided: not at a whole second. */
const rangeMs = 120_000;
const middleMs = 53_700;

function rangeFrom(from: number) {
  return [from, from + middleMs, from + rangeMs] as const;
}

/** The samples and the ends of the pushes of a stream. */
export function lawOfStream(world: World, stream: SimulatedStream, from: number): void {
  const { name } = stream;
  const range = rangeFrom(from);
  const samples = lawOfRange(
    'samples',
    (start, end) => world.samplesOf(name, start, end),
    ({ measuredAt }) => measuredAt,
    range,
  );
  for (const sample of samples) {
    const { measuredAt, framesPerSecond = 0, bitsPerSecond = 0 } = sample;
    law(Number.isFinite(measuredAt), 'a sample has a time', name, sample);
    law(bitsPerSecond >= 0 && framesPerSecond >= 0, 'a rate is not negative', sample);
    law(world.visibleAt(name, sample) >= measuredAt, 'a sample is visible after its time', sample);
  }
  law(world.truthOf(name, range[0], range[2]).samples === samples.length, 'the truth counts all samples');
  lawOfSteadyStream(world, stream, samples);
  const pushes = lawOfRange(
    'ended pushes',
    (start, end) => world.endedPushesOf(stream, start, end),
    ({ endedAt }) => endedAt,
    range,
  );
  for (const { startedAt, endedAt } of pushes)
    law(
      startedAt <= endedAt && startedAt % secondMs === 0,
      'a push begins before its end',
      startedAt,
      endedAt,
    );
  for (const at of range) {
    const begin = world.pushBeginAt(stream, at);
    law(begin === undefined || begin <= at, 'a push that is live has begun', name, begin, at);
  }
}

/** A stream without a story has a sample every five seconds, with its rates. */
function lawOfSteadyStream(
  { scenario: { noise, provider } }: World,
  { story, startMs, stopMs, framesPerSecond, bitsPerSecond, clientIp }: SimulatedStream,
  samples: readonly SimulatedSample[],
): void {
  if (story.length > 0 || startMs !== -Infinity || stopMs !== Infinity) return;
  law(samples.length === rangeMs / 5_000, 'a steady stream has a sample every 5 s', samples.length);
  const isNear = (value: number | undefined, rate: number, share: number) =>
    value === undefined ? provider.partialShare > 0 : Math.abs(value - rate) <= rate * share + 0.5;
  for (const sample of samples) {
    law(isNear(sample.framesPerSecond, framesPerSecond, noise), 'a frame rate is as configured', sample);
    law(isNear(sample.bitsPerSecond, bitsPerSecond, 2 * noise), 'a bit rate is as configured', sample);
    law(sample.clientIp === clientIp, 'a sample has the address of its publisher', sample);
  }
}

/** The bans of all streams at a time. */
export function lawOfBans(world: World, at: number): void {
  const bans = world.bansAt(at);
  for (const [i, { forbiddenAt, endsAt, expiresAt, isResumed }] of bans.entries()) {
    law(
      forbiddenAt <= at && endsAt > at && expiresAt > forbiddenAt,
      'a ban is in force',
      forbiddenAt,
      endsAt,
    );
    law(!isResumed || endsAt < Infinity, 'a ban that is lifted has an end');
    law(i === 0 || forbiddenAt <= (bans[i - 1]?.forbiddenAt ?? 0), 'the newest ban comes first');
  }
}

/** The control actions on a domain, and the streams that are forbidden after them. */
export function lawOfDomain(world: World, name: string, from: number): void {
  const range = rangeFrom(from);
  const list = (start: number, end: number) => world.actionsOf(name, start, end);
  const actions = lawOfRange('actions', list, ({ actedAt }) => actedAt, range);
  for (const action of actions) {
    const { actedAt, visibleAt, actionLabel } = action;
    law(visibleAt >= actedAt && actedAt % secondMs === 0, 'an action is visible after its time', action);
    law(action.action === actionLabel.toLowerCase(), 'an action has its label', action);
  }
  const countIn = (start: number, end: number) =>
    world.truthOfActions(name, start, end).reduce((sum, { actions: count }) => sum + count, 0);
  law(
    countIn(range[0], range[2]) === countIn(range[0], range[1]) + countIn(range[1], range[2]) &&
      countIn(range[0], range[2]) >= actions.length,
    'the truth counts all actions',
  );
  lawOfBlocked(world, name, range[2], actions);
}

/** The last forbid or resume of a stream decides whether it is forbidden. */
function lawOfBlocked(world: World, name: string, at: number, actions: ReturnType<World['actionsOf']>): void {
  const blocked = world.blockedAt(name, at - 1);
  const keyOf = ({ appName, stream }: { readonly appName: string; readonly stream: string }) =>
    JSON.stringify([appName, stream]);
  law(isSet(blocked.map(keyOf)), 'a stream is forbidden once', blocked);
  for (const [i, { forbiddenAt }] of blocked.entries()) {
    law(forbiddenAt < at, 'a ban is in force', forbiddenAt, at);
    law(i === 0 || forbiddenAt <= (blocked[i - 1]?.forbiddenAt ?? 0), 'the newest ban comes first');
  }
  const story = world.scenario.domains.find((domain) => domain.name === name)?.story ?? [];
  if (story.some(({ isRecorded, expiresMs }) => !isRecorded || expiresMs !== undefined)) return;
  const last = new Map(
    actions
      .filter(({ action }) => action === 'forbid' || action === 'resume')
      .map((action) => [keyOf(action), action] as const),
  );
  const forbidden = new Set(blocked.map(keyOf));
  for (const [key, { action }] of last) {
    // Of two actions in one second, both can be the last one.
    if (new Set(actions.filter((each) => keyOf(each) === key).map(({ actedAt }) => actedAt)).size < 2)
      continue;
    law(forbidden.has(key) === (action === 'forbid'), 'the last action decides', key, action);
  }
}

/** The printed config has the streams of the scenario, with variables that the environment has. */
export function lawOfPrintedConfig(world: World, text: string, maxStreams: number): void {
  const { scenario, streams } = world;
  const tree: unknown = parse(text);
  const env = exporterEnvironment(scenario);
  const used = [...text.matchAll(/_env: "?(\w+)/g)].map(([, name = '']) => name);
  law(
    isDeepStrictEqual(new Set(used), new Set(Object.keys(env))),
    'the environment has the variables of the config',
    used,
    Object.keys(env),
  );
  const listed = streams.filter((stream) => !isDiscovered(scenario, stream)).slice(0, maxStreams);
  const shown = listIn(tree, 'streams');
  law(shown.length === listed.length, 'the config lists the streams', shown.length, listed.length);
  const accounts = new Set(listIn(tree, 'accounts').map(({ name }) => name));
  for (const [i, { account, stream, domain, expect }] of shown.entries()) {
    const wanted = listed[i];
    law(accounts.has(account), 'a stream has an account', account);
    law(stream === wanted?.name && domain === wanted?.domain, 'a stream has its name', stream, domain);
    const { fps = 0 } = expect as { readonly fps?: number };
    law(fps === wanted?.framesPerSecond, 'a stream is expected to have its rate', stream, fps);
  }
  const names = new Set(listIn(tree, 'domains').map(({ domain }) => domain));
  for (const { name } of scenario.domains) law(names.has(name), 'the config has the domains', name);
}
