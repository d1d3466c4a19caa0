import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createWorld, type World } from '../../../src/simulator/world/world.ts';
import { scenarioOf, start } from '../support.ts';

const name = 'play.example.com';
const day = 86_400_000;

function worldOf(story: string, top = ''): World {
  return createWorld(
    scenarioOf(`
name: actions
${top}
domains:
  - name: ${name}
    app_names: [live, tv]
    story: ${story}
`),
    start,
  );
}

/** Lists the actions of a story, with their times in seconds since the start. */
function actionsIn(world: World, fromS: number, toS: number): readonly string[] {
  return world
    .actionsOf(name, start + fromS * 1_000, start + toS * 1_000)
    .map(({ actedAt, stream, action }) => `${(actedAt - start) / 1_000}s ${stream} ${action}`);
}

test('records an action on the domain and makes it visible after the delay', () => {
  const world = worldOf(
    '[{at: 5s, stream: a, app_name: tv, action: Forbid, client_ip: 192.0.2.5, late: 40s}]',
  );

  expect(world.actionsOf(name, start, start + 10_000)).toEqual([
    {
      actedAt: start + 5_000,
      domain: name,
      appName: 'tv',
      stream: 'a',
      action: 'forbid',
      actionLabel: 'Forbid',
      clientIp: '192.0.2.5',
      lateMs: 40_000,
      visibleAt: start + 55_000,
    },
  ]);
});

test('omits the client IP for "none" and uses a default otherwise', () => {
  const world = worldOf('[{at: 1s, stream: a, action: x, client_ip: none}, {at: 2s, stream: a, action: x}]');

  expect(world.actionsOf(name, start, start + 10_000).map(({ clientIp }) => clientIp)).toEqual([
    undefined,
    '198.51.100.200',
  ]);
});

test('plays a story without loop once', () => {
  const world = worldOf('[{at: 5s, stream: a, action: forbid}, {at: 0s, stream: b, action: forbid}]');

  expect(actionsIn(world, -86_400, 86_400)).toEqual(['0s b forbid', '5s a forbid']);
});

test('includes the start of the time range and excludes its end', () => {
  const world = worldOf('[{at: 5s, stream: a, action: forbid}]');

  expect([
    actionsIn(world, 5, 6).length,
    actionsIn(world, 4, 5).length,
    actionsIn(world, 6, 7).length,
  ]).toEqual([1, 0, 0]);
});

test('repeats an action from its start until before its end', () => {
  const world = worldOf('[{at: 5s, every: 10s, until: 35s, stream: a, action: forbid}]');

  expect(actionsIn(world, -60, 60)).toEqual(['5s a forbid', '15s a forbid', '25s a forbid']);
  expect(actionsIn(world, 15, 16)).toEqual(['15s a forbid']);
});

test('repeats an action without an end for days', () => {
  const world = worldOf('[{at: 5s, every: 1h, stream: a, action: forbid}]');

  expect(actionsIn(world, 360_000, 364_000)).toEqual(['360005s a forbid', '363605s a forbid']);
});

test('repeats a looping story, including repeated actions, also before the start', () => {
  const world = worldOf(
    '[{at: 5s, stream: a, action: forbid}, {at: 40s, every: 15s, stream: b, action: resume}]',
    'loop: 1m',
  );

  expect(actionsIn(world, -60, 60)).toEqual([
    '-55s a forbid',
    '-20s b resume',
    '-5s b resume',
    '5s a forbid',
    '40s b resume',
    '55s b resume',
  ]);
  expect(actionsIn(world, 86_400, 86_460)).toEqual(['86405s a forbid', '86440s b resume', '86455s b resume']);
});

test('scales the times of actions by the speed and rounds them to whole seconds', () => {
  const story = '[{at: 5s, every: 5s, until: 20s, stream: a, action: forbid}]';

  expect(actionsIn(worldOf(story, 'speed: 2'), 0, 60)).toEqual(['2s a forbid', '5s a forbid', '7s a forbid']);
  expect(actionsIn(worldOf(story, 'speed: 0.5'), 0, 60)).toEqual([
    '10s a forbid',
    '20s a forbid',
    '30s a forbid',
  ]);
});

test('creates one action per stream of a count and per repetition', () => {
  const world = worldOf('[{at: 1s, stream: "cam-{n}", count: 2, times: 2, action: forbid}]');

  expect(actionsIn(world, 0, 60)).toEqual([
    '1s cam-1 forbid',
    '1s cam-1 forbid',
    '1s cam-2 forbid',
    '1s cam-2 forbid',
  ]);
});

test('delays the visibility of actions during a delay event', () => {
  const world = worldOf(
    '[{at: 5s, every: 10s, until: 30s, stream: a, action: forbid}]',
    'alibaba: {delay: 10s, story: [{at: 10s, for: 10s, delay: 90s}]}',
  );
  const actions = world.actionsOf(name, start, start + 60_000);

  expect(actions.map(({ visibleAt, actedAt }) => (visibleAt - actedAt) / 1_000)).toEqual([10, 90, 10]);
});

test('returns no actions for an unknown domain', () => {
  const world = worldOf('[{at: 5s, stream: a, action: forbid}]');

  expect(world.actionsOf('other.example.com', start - day, start + day)).toEqual([]);
  expect(world.truthOfActions('other.example.com', start - day, start + day)).toEqual([]);
});

test('counts the actions per stream and action in a time range', () => {
  const world = worldOf(`
      - {at: 1s, stream: a, action: forbid, times: 2}
      - {at: 2s, stream: a, action: resume}
      - {at: 3s, stream: a, app_name: tv, action: forbid}
      - {at: 4s, stream: a, action: Forbid, late: 1h}`);

  expect(world.truthOfActions(name, start, start + 60_000)).toEqual([
    { appName: 'live', stream: 'a', action: 'forbid', actions: 3, lastAt: start + 4_000 },
    { appName: 'live', stream: 'a', action: 'resume', actions: 1, lastAt: start + 2_000 },
    { appName: 'tv', stream: 'a', action: 'forbid', actions: 1, lastAt: start + 3_000 },
  ]);
});

test('returns each action once, however a time range is split', () => {
  const story = `
      - {at: 3s, every: 7s, until: 50s, stream: a, action: forbid}
      - {at: 10s, stream: b, action: resume, times: 2}
      - {at: 20s, every: 1500ms, stream: c, action: forbid}`;
  // Use whole and fractional seconds, so that some boundaries coincide with an action.
  const time = fc.integer({ min: -2_400, max: 2_400 }).map((halves) => start + halves * 500);
  const behavior = fc.constantFrom('', 'loop: 1m', 'speed: 3', 'loop: 1m\nspeed: 0.7');

  fc.assert(
    fc.property(behavior, fc.array(time, { minLength: 2, maxLength: 12 }), (top, times) => {
      const world = worldOf(story, top);
      const cuts = times.toSorted((a, b) => a - b);
      const parts = cuts.slice(1).flatMap((to, index) => world.actionsOf(name, cuts[index] ?? 0, to));
      expect(parts).toEqual(world.actionsOf(name, cuts[0] ?? 0, cuts.at(-1) ?? 0));
    }),
  );
});
