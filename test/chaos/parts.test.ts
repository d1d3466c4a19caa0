import { describe, expect, test } from 'vitest';
import { createWorld } from '../../src/simulator/world/world.ts';
import { createClockSteps } from './clock.ts';
import { createDraws } from './draws.ts';
import { readExposed } from './exposed.ts';
import { createFaults, type Fault, proxiedKinds } from './faults.ts';
import { parseFlags } from './flags.ts';
import { minimumsOf, planLives, stepsPerLife, storyMsOf, type Trouble } from './plan.ts';
import { drawScenario, dueWindow, latePhasesOf } from './story.ts';
import { knownCounters } from './truth.ts';
import { createWorldClock } from './world-clock.ts';

describe('flags', () => {
  test('default to 10 minutes and seed 1', () => {
    expect(parseFlags([])).toEqual({ minutes: 10, seed: 1 });
    expect(parseFlags(['--minutes', '2', '--seed=7'])).toEqual({ minutes: 2, seed: 7 });
    expect(parseFlags(['--help', '--minutes', '2'])).toBe('help');
  });

  test.each([
    ['--minutes=1', '--minutes: expected a whole number from 2 to 240, got "1"'],
    ['--minutes=241', '--minutes: expected a whole number from 2 to 240, got "241"'],
    ['--minutes=2m', '--minutes: expected a whole number from 2 to 240, got "2m"'],
    ['--seed=-1', '--seed: expected a whole number, got "-1"'],
  ])('reject %s', (arg, problem) => {
    expect(parseFlags([arg])).toEqual({ problem });
  });

  test('reject an unknown flag', () => {
    expect(parseFlags(['--hours', '2'])).toMatchObject({ problem: expect.stringContaining('--hours') });
    expect(parseFlags(['2'])).toMatchObject({ problem: expect.stringContaining("'2'") });
  });
});

describe('draws', () => {
  const row = (seed: string) => {
    const draws = createDraws(seed);
    return Array.from({ length: 20 }, () => draws.below(1_000));
  };

  test('are equal for equal seeds and differ for other seeds', () => {
    expect(row('a')).toEqual(row('a'));
    expect(row('a')).not.toEqual(row('b'));
  });

  test('are not changed by a derived generator', () => {
    const draws = createDraws('a');
    draws.of('b').between(0, 1);

    expect(draws.below(1_000)).toBe(row('a')[0]);
  });

  test('keep all elements when shuffling', () => {
    const list = Array.from({ length: 50 }, (_, n) => n);
    const shuffled = createDraws('a').shuffled(list);

    expect(shuffled).not.toEqual(list);
    expect(shuffled.toSorted((a, b) => a - b)).toEqual(list);
  });
});

describe('faults', () => {
  const drawn = (seed: string, calls: number) => {
    const next = createFaults(createDraws(seed), 10);
    return Array.from({ length: calls }, next);
  };

  test('are equal for equal seeds and differ for other seeds', () => {
    expect(drawn('a', 500)).toEqual(drawn('a', 500));
    expect(drawn('a', 500)).not.toEqual(drawn('b', 500));
  });

  test('have the configured average frequency and equally frequent kinds', () => {
    const faults = drawn('a', 18_000).filter((fault) => fault !== undefined);

    expect(faults.length).toBeGreaterThan(1_500);
    expect(faults.length).toBeLessThan(2_100);
    for (const kind of proxiedKinds) {
      const count = faults.filter((fault) => fault.kind === kind).length;
      expect(Math.abs(count - faults.length / proxiedKinds.length)).toBeLessThanOrEqual(2);
    }
  });

  test('occur before and after the provider, except those that need a response', () => {
    const moments = (faults: readonly Fault[]) => [...new Set(faults.map(({ moment }) => moment))].sort();
    const faults = drawn('a', 1_000).filter((fault) => fault !== undefined);
    const byKind = Map.groupBy(faults, ({ kind }) => kind);

    for (const [kind, own] of byKind) {
      const wanted = kind === 'slow' || kind === 'truncated' ? ['after'] : ['after', 'before'];
      expect([kind, moments(own)]).toEqual([kind, wanted]);
    }
  });
});

test('clock steps alternate between ahead and behind, from 2 s to 1 h, and start with a detected step', () => {
  const directionOf = (ms: number) => {
    if (ms === 2_000) return 'a little ahead';
    return ms > 0 ? 'ahead' : 'behind';
  };
  const first = new Set<string>();
  for (const seed of ['a', 'b', 'c', 'd', 'e']) {
    const nextStep = createClockSteps(createDraws(seed));
    const steps = Array.from({ length: 200 }, nextStep);

    expect(steps.every((ms, i) => Math.sign(ms) === -Math.sign(steps[i + 1] ?? -ms))).toBe(true);
    expect(steps.every((ms) => Math.abs(ms) >= 2_000 && Math.abs(ms) <= 3_600_000)).toBe(true);
    expect(steps.filter((ms) => ms > 2_000 && ms < 75_000)).toEqual([]);
    expect(new Set(steps.map(directionOf)).size).toBe(3);
    expect(Math.max(...steps.slice(0, 3))).toBeGreaterThanOrEqual(75_000);
    first.add(directionOf(Math.sign(steps[0] ?? 0)));
  }
  expect([...first].sort()).toEqual(['ahead', 'behind']);
});

describe.each([2, 3, 4, 5, 10, 240])('a plan of %d minutes', (minutes) => {
  const seeds = Array.from({ length: 20 }, (_, seed) => createDraws(`${seed}`));

  test('has the requested duration and enough kills', () => {
    for (const draws of seeds) {
      const lives = planLives(minutes, draws);
      const durationMs = lives.reduce((sum, { forMs }) => sum + forMs, 0);

      expect(durationMs).toBeCloseTo(minutes * 60_000, 3);
      expect(lives.length).toBeGreaterThanOrEqual(minimumsOf(minutes).kills);
      expect(Math.min(...lives.map(({ forMs }) => forMs))).toBeGreaterThan(0);
    }
  });

  test('has a response for every stream before the clock is wrong or time leaps', () => {
    for (const draws of seeds) {
      const lives = planLives(minutes, draws);
      const wrongAt = lives.findIndex(({ trouble }) => trouble?.startsWith('clock'));
      const awayAt = lives.findIndex(({ awayMs }) => awayMs > 0);

      for (const at of [wrongAt, awayAt]) {
        expect(at).toBeGreaterThan(0);
        const isSettling = (trouble: Trouble | undefined) => trouble === undefined || trouble === 'storage';
        const before = lives.slice(0, at).filter(({ isShort, trouble }) => !isShort && isSettling(trouble));
        expect(before).not.toEqual([]);
      }
    }
  });

  test('has long outages before the lives with limited windows, and takes less than a day', () => {
    for (const draws of seeds) {
      const lives = planLives(minutes, draws);
      const long = lives.filter(({ awayMs }) => awayMs > 60_000);

      expect(long.every(({ trouble }) => trouble === 'windows')).toBe(true);
      expect(long.length).toBe(minimumsOf(minutes).outages);
      expect(Math.min(...long.map(({ awayMs }) => awayMs))).toBeGreaterThanOrEqual(85 * 60_000);
      expect(storyMsOf(lives)).toBeLessThan(86_400_000);
      const leaping = lives.filter(({ leaps }) => leaps > 0);
      expect(leaping.every(({ isShort, trouble }) => !isShort && trouble === undefined)).toBe(true);
      if (minutes > 3) expect(leaping).not.toEqual([]);
    }
  });

  test('has short lives and the required number of lives with each trouble', () => {
    const minimums = minimumsOf(minutes);
    for (const draws of seeds) {
      const lives = planLives(minutes, draws);
      const times = (wanted: Trouble) => lives.filter(({ trouble }) => trouble === wanted).length;

      expect(lives.filter(({ isShort }) => isShort).length).toBeGreaterThan(0);
      expect(times('names')).toBeGreaterThan(0);
      expect(times('storage')).toBe(minimums.storageFaults);
      expect(times('storage to the end')).toBe(minimums.storageKills);
      expect(times('state deleted')).toBe(minimums.stateDeletions);
      expect(times('foreign writer')).toBe(minimums.foreignWriters);
      expect(times('hung disk')).toBe(minimums.hungDisks);
      const first = lives.findIndex(({ trouble }) => trouble === 'storage to the end');
      expect(2 * first).toBeGreaterThanOrEqual(lives.length - minimums.storageKills - 1);
      expect(times('clock') * stepsPerLife).toBe(minimums.clockSteps);
      expect(times('clock at the start')).toBe(minimums.wrongStarts);
      expect(lives.filter(({ isShort, trouble }) => isShort && trouble !== undefined)).toEqual([]);
      expect(lives.some(({ isShort, trouble }) => !isShort && trouble === undefined)).toBe(true);
    }
  });
});

describe.each([2, 10])('a story of %d minutes', (minutes) => {
  const worldOf = (seed: number) =>
    createWorld(drawScenario(minutes * 60_000, seed, createDraws(`${seed}`)), Date.UTC(2026, 0, 5, 0, 0, 30));

  test('has enough samples and actions', () => {
    for (const seed of [1, 2, 3, 4, 5]) {
      const world = worldOf(seed);
      const counters = knownCounters(world, world.startedAt + (minutes + 1) * 60_000);
      const total = (wanted: string) => {
        const known = counters.find(({ metric }) => metric === wanted);
        return [...(known?.truth.values() ?? [])].reduce((sum, one) => sum + one, 0);
      };

      expect(total('livestream_push_samples_total')).toBeGreaterThan(minimumsOf(minutes).samples * 1.1);
      expect(total('livestream_control_actions_total')).toBeGreaterThan(minimumsOf(minutes).actions * 2);
      for (const name of [
        'degraded_seconds',
        'bad_seconds',
        'missing_seconds',
        'sessions',
        'client_changes',
      ]) {
        expect(total(`livestream_push_${name}_total`), name).toBeGreaterThan(0);
      }
      expect(total('livestream_control_domain_actions_total')).toBe(
        total('livestream_control_actions_total'),
      );
    }
  });

  test('has late and duplicated rows, equal actions, two publishers and drops', () => {
    const world = worldOf(1);
    const { startedAt, scenario, streams } = world;
    const endsAt = startedAt + minutes * 60_000;
    const samples = streams.flatMap(({ name }) =>
      world.samplesOf(name, startedAt, endsAt).map((sample) => ({ name, sample })),
    );
    const actions = scenario.domains.flatMap(({ name }) => world.actionsOf(name, startedAt, endsAt));
    const late = samples.filter(
      ({ name, sample }) => world.visibleAt(name, sample) - sample.measuredAt > 20_000,
    );
    const duplicated = samples.filter(({ name, sample }) => world.isDuplicated(name, sample));
    const publishers = Map.groupBy(samples, ({ name }) => name)
      .values()
      .map((own) => new Set(own.map(({ sample }) => sample.clientIp)).size);
    const seconds = Map.groupBy(actions, ({ actedAt, stream, action }) => `${actedAt} ${stream} ${action}`);

    expect(late.length).toBeGreaterThan(samples.length / 20);
    expect(duplicated.length).toBeGreaterThan(samples.length / 20);
    expect(Math.max(...publishers)).toBeGreaterThan(1);
    expect(samples.filter(({ sample }) => sample.framesPerSecond === 0).length).toBeGreaterThan(10);
    expect([...seconds.values()].filter((equal) => equal.length > 1).length).toBeGreaterThan(10);
    expect(actions.filter(({ lateMs }) => lateMs > 0).length).toBeGreaterThan(10);
  });
});

test('a story has phases of late samples of both kinds, from 30 s to 10 min', () => {
  for (const seed of [1, 2, 3]) {
    const world = createWorld(
      drawScenario(2 * 3_600_000, seed, createDraws(`${seed}`)),
      Date.UTC(2026, 0, 5),
    );
    const phases = latePhasesOf(world.scenario);
    const lengths = phases.map(({ from, heldUntil }) => heldUntil - from);
    const isAtOnce = phases.map(({ to, heldUntil }) => to === heldUntil);

    expect(Math.min(...lengths)).toBeGreaterThanOrEqual(30_000);
    expect(Math.max(...lengths)).toBeLessThanOrEqual(600_000);
    expect(Math.max(...lengths)).toBeGreaterThan(300_000);
    expect([...new Set(isAtOnce)]).toEqual([true, false]);
    expect(phases.every(({ from, to }) => to - from >= 20_000)).toBe(true);

    const { startedAt } = world;
    const seen = world.streams.flatMap(({ name }) =>
      phases
        .slice(0, 2)
        .flatMap(({ from, to, heldUntil }) =>
          world
            .samplesOf(name, startedAt + from, startedAt + to)
            .filter((sample) => world.visibleAt(name, sample) < startedAt + heldUntil),
        ),
    );
    expect(seen).toEqual([]);
  }
});

test('the due time of a story is whole minutes', () => {
  const scenario = drawScenario(150_000, 1, createDraws('1'));
  for (let second = 0; second < 60; second++) {
    const world = createWorld(scenario, Date.UTC(2026, 0, 5, 23, 58, second));
    const { from, to } = dueWindow(world);

    expect(to - from).toBeGreaterThanOrEqual(60_000);
    expect([from % 60_000, to % 60_000]).toEqual([0, 0]);
    expect(from).toBeGreaterThanOrEqual(world.startedAt);
  }
});

test('the clock of the world leaps and follows the system clock', () => {
  let real = 1_000;
  const clock = createWorldClock(() => real);
  clock.leap(500);
  real = 1_200;
  clock.leap(50);

  expect(clock.now()).toBe(1_750);
  expect(clock.leaptMs()).toBe(550);
});

test('reads exposed values by metric and labels', () => {
  const text = `# TYPE a_total counter
a_total{account="x",domain="d 1",stream="s{1}",action="forbid"} 3
a_total_more{domain="d 1",stream="s{1}"} 4
a_total{account="x",domain="d 2",stream="s"} 0.5
`;

  expect(readExposed(text, 'a_total', 'domain', 'stream')).toEqual(
    new Map([
      ['d 1 s{1}', 3],
      ['d 2 s', 0.5],
    ]),
  );
});
