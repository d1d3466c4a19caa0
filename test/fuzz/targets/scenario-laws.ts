import { isDeepStrictEqual } from 'node:util';
import type { Level } from '../../../src/simulator/scenario/scenario.ts';
import { toStoryLines } from '../../../src/simulator/scenario/story-text.ts';
import type { EndedPush } from '../../../src/simulator/world/pushes.ts';
import type { SimulatedStream } from '../../../src/simulator/world/streams.ts';
import type { SimulatedSample, World } from '../../../src/simulator/world/world.ts';
import { law, lawOfLines } from '../target.ts';

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
  [from, middle, to]: Range,
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
const rangeMs = 120_000;

/** Begin, a place in the middle and end of a time range. */
type Range = readonly [number, number, number];

/** Returns a time range, which is divided at a whole second or not. */
export function rangeOf(from: number, seed: number): Range {
  return [from, from + 50_000 + (seed % 10) * 500, from + rangeMs];
}

/** The samples and the ends of the pushes of a stream. */
export function lawOfStream(world: World, stream: SimulatedStream, range: Range): void {
  const { name } = stream;
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
    lawOfRates(world, stream, sample);
  }
  law(world.truthOf(name, range[0], range[2]).samples === samples.length, 'the truth counts all samples');
  lawOfSteadyStream(stream, samples);
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
  lawOfLiveness(world, stream, pushes, range);
}

/** A push is live from its begin to its end, which is an ended push. */
function lawOfLiveness(
  { pushBeginAt, startedAt, scenario: { loopMs } }: World,
  stream: SimulatedStream,
  pushes: readonly EndedPush[],
  [from, , to]: Range,
): void {
  let downAt = -Infinity;
  for (let at = from; at + secondMs < to; at += secondMs) {
    const begin = pushBeginAt(stream, at);
    if (begin === undefined) {
      downAt = at;
      continue;
    }
    const isOld = begin <= Math.min(startedAt, at) - 60 * 60 * secondMs;
    // A push that is live at the start of a story that repeats counts as old, although the stream was silent at its end.
    const isSinceDown = begin > downAt || (isOld && loopMs !== undefined);
    law(begin <= at && isSinceDown, 'a push has begun since the stream was not live', { downAt, begin, at });
    const between = pushBeginAt(stream, Math.ceil((begin + at) / 2));
    law(
      isOld || (between !== undefined && Math.abs(between - begin) <= 2),
      'a push is live since its begin',
      { begin, between, at },
    );
    if (pushBeginAt(stream, at + secondMs) !== undefined) continue;
    law(
      pushes.some(({ endedAt }) => endedAt >= at && endedAt <= at + secondMs),
      'a push that is not live any more has ended',
      at,
    );
  }
}

/** Returns the position in the story at a time. */
function positionAt({ scenario: { loopMs = Infinity, speed }, startedAt }: World, at: number): number {
  const storyMs = (at - startedAt) * speed;
  return loopMs === Infinity ? storyMs : storyMs - Math.floor(storyMs / loopMs) * loopMs;
}

/** The rates of a sample are those of the last event that sets them. */
function lawOfRates(world: World, stream: SimulatedStream, sample: SimulatedSample): void {
  const { noise, speed, loopMs = 1, provider } = world.scenario;
  // Others have positions with rounding errors, and the samples of a second publisher have other times.
  if (!Number.isInteger(speed) || !Number.isInteger(loopMs)) return;
  const position = positionAt(world, sample.measuredAt);
  const events = stream.story.filter(({ fromMs, untilMs }) => position >= fromMs && position < untilMs);
  law(
    position >= stream.startMs && position < stream.stopMs && events.every(({ silent }) => !silent),
    'a stream that is silent has no sample',
    position,
  );
  const isNear = (value: number | undefined, level: Level | undefined, normal: number, share: number) => {
    if (value === undefined) return provider.partialShare > 0;
    const rate = level === undefined ? normal : 'share' in level ? normal * level.share : level.value;
    return Math.abs(value - rate) <= rate * share + 0.5;
  };
  const { framesPerSecond, bitsPerSecond } = sample;
  const fps = events.findLast((event) => event.fps !== undefined)?.fps;
  const bitrate = events.findLast((event) => event.bitrate !== undefined)?.bitrate;
  law(isNear(framesPerSecond, fps, stream.framesPerSecond, noise), 'a frame rate is as configured', sample);
  law(isNear(bitsPerSecond, bitrate, stream.bitsPerSecond, 2 * noise), 'a bit rate is as configured', sample);
}

/** The API behaves as the last event says that sets its behavior. */
export function lawOfApi(world: World, at: number): void {
  const { speed, loopMs = 1, provider } = world.scenario;
  if (!Number.isInteger(speed) || !Number.isInteger(loopMs)) return;
  const position = positionAt(world, at);
  const events = provider.story.filter(({ fromMs, untilMs }) => position >= fromMs && position < untilMs);
  const state = world.tencentAt(at);
  const answer = events.findLast((event) => event.answer !== undefined);
  const delay = events.findLast((event) => event.delayMs !== undefined);
  law(
    state.answer === answer?.answer && state.share === (answer?.share ?? 1),
    'the answer is that of the event',
    state,
  );
  law(state.delayMs === (delay?.delayMs ?? provider.delayMs), 'the delay is that of the event', state);
}

/** A stream without a story has a sample every five seconds. */
function lawOfSteadyStream(
  { story, startMs, stopMs, clientIp }: SimulatedStream,
  samples: readonly SimulatedSample[],
): void {
  if (story.length > 0 || startMs !== -Infinity || stopMs !== Infinity) return;
  law(samples.length === rangeMs / 5_000, 'a steady stream has a sample every 5 s', samples.length);
  for (const sample of samples)
    law(sample.clientIp === clientIp, 'a sample has the address of its publisher', sample);
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

/**
 * Maximum number of actions of a domain in a range that its law reads. One event can have 200,000, again and again,
 * and the law reads all of them about ten times.
 */
const maxActions = 20_000;

/** Returns about how many actions a domain has in a range at most. */
function mostActions({ domains, loopMs = Infinity, speed }: World['scenario'], name: string): number {
  const story = domains.find((domain) => domain.name === name)?.story ?? [];
  return story.reduce((sum, { count, times, everyMs = Infinity }) => {
    const repeats = Math.ceil((rangeMs * speed) / Math.min(everyMs, loopMs)) + 1;
    return sum + count * times * repeats;
  }, 0);
}

/** The control actions on a domain, and the streams that are forbidden after them. */
export function lawOfDomain(world: World, name: string, range: Range): void {
  if (mostActions(world.scenario, name) > maxActions) return;
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
  const forbidden = new Set(blocked.map(keyOf));
  for (const [key, ofStream] of Map.groupBy(actions, keyOf)) {
    // Of two actions in one second, both can be the last one.
    if (new Set(ofStream.map(({ actedAt }) => actedAt)).size < 2) continue;
    const last = ofStream.findLast(({ action }) => action === 'forbid' || action === 'resume');
    if (last === undefined) continue;
    law(forbidden.has(key) === (last.action === 'forbid'), 'the last action decides', key, last.action);
  }
}
