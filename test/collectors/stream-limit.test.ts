import { expect, test } from 'vitest';
import { createStreamLimit } from '../../src/collectors/stream-limit.ts';
import { controlAction } from '../support/actions.ts';
import { startAnsweringCollectors } from '../support/answering-collectors.ts';
import { noon } from '../support/samples.ts';

const [big, small] = ['big.example.com', 'small.example.com'];

/** One stream in the config, two domains, and places for `places` streams that are known from actions only. */
async function startLimited(places: number) {
  const world = startAnsweringCollectors();
  const config = (domains: readonly string[]) => `
streams: [{account: t, stream: configured}]
domains: [${domains.map((domain) => `{account: a, domain: ${domain}}`).join(', ')}]
limits: {max_streams: ${places + 1}}
`;
  await world.apply(config([big, small]));
  let at = noon;
  return {
    world,
    watch: (domains: readonly string[]) => world.apply(config(domains)),
    /** Adds an action on each stream, a second apart, and polls both domains. */
    async act(domain: string, ...streams: readonly string[]) {
      at = Math.max(at, world.clock.now());
      for (const stream of streams) {
        at += 1000;
        world.actions.push(controlAction({ domain, stream, actedAt: at }));
      }
      for (const _ of [1, 2]) {
        await world.clock.advance(Math.max(30_000, at - world.clock.now()));
        await world.poll();
        await world.flush();
      }
    },
    async shown(domain: string) {
      const lines = await world.lines('livestream_control_forbidden');
      const ofDomain = lines.filter((line) => line.includes(`domain="${domain}"`));
      return ofDomain.map((line) => /stream="([^"]*)"/.exec(line)?.[1]).toSorted();
    },
    async dropped() {
      return Number((await world.lines('livestream_streams_dropped'))[0]?.split(' ').at(-1));
    },
    async domainActions(domain: string) {
      const lines = await world.lines('livestream_control_domain_actions_total');
      return lines
        .find((line) => line.includes(`domain="${domain}",action="forbid"`))
        ?.split(' ')
        .at(-1);
    },
    [Symbol.asyncDispose]: () => world[Symbol.asyncDispose](),
  };
}

const random = (count: number) => Array.from({ length: count }, (_, i) => `random-${i}`);

test('replaces the stream whose newest action is the oldest, so that random names hold no place', async () => {
  await using limited = await startLimited(10);
  await limited.act(big, ...random(25));
  expect(await limited.shown(big)).toEqual(random(25).slice(15).toSorted());
  expect(await limited.dropped()).toBe(15);

  await limited.act(big, 'real');

  expect(await limited.shown(big)).toContain('real');
  expect(await limited.shown(big)).toHaveLength(10);
  expect(await limited.dropped()).toBe(16);
  expect(await limited.domainActions(big)).toBe('0');
});

test('takes places only from the domain with the most streams', async () => {
  await using limited = await startLimited(10);
  await limited.act(small, 'a', 'b', 'c');
  await limited.act(big, ...random(40));
  expect(await limited.shown(small)).toEqual(['a', 'b', 'c']);
  expect(await limited.shown(big)).toHaveLength(7);

  await limited.act(small, 'd', 'e', 'f', 'g', 'h');

  expect(await limited.shown(small)).toHaveLength(5);
  expect(await limited.shown(small)).toContain('h');
  expect(await limited.shown(big)).toHaveLength(5);
});

test('reports fewer dropped streams when they get a place, after seven days, and without their domain', async () => {
  await using limited = await startLimited(2);
  await limited.act(big, 'a', 'b', 'c', 'd', 'e');
  expect(await limited.dropped()).toBe(3);

  await limited.act(big, 'a');
  expect(await limited.shown(big)).toEqual(['a', 'e']);
  expect(await limited.dropped()).toBe(3);

  await limited.world.clock.advance(7 * 86_400_000 + 3_600_000);
  await limited.act(big, 'f');
  expect(await limited.dropped()).toBe(0);

  await limited.act(big, 'g', 'h');
  expect(await limited.dropped()).toBe(1);
  await limited.watch([small]);
  expect(await limited.dropped()).toBe(0);
});

test('no longer reports a dropped stream that the config contains now', async () => {
  await using limited = await startLimited(1);
  await limited.act(big, 'a', 'b');
  expect(await limited.dropped()).toBe(1);

  await limited.world.apply(`
streams: [{account: t, stream: configured}, {account: a, domain: ${big}, app_name: live, stream: a}]
domains: [{account: a, domain: ${big}}, {account: a, domain: ${small}}]
limits: {max_streams: 3}
`);

  expect(await limited.dropped()).toBe(0);
});

test('gives no place to streams that the config does not contain if it uses all places', async () => {
  await using limited = await startLimited(0);

  await limited.act(big, 'a', 'b');

  expect(await limited.shown(big)).toEqual([]);
  expect(await limited.dropped()).toBe(2);
});

test('removes no series because of a lower limit, but gives them no further places', async () => {
  await using limited = await startLimited(4);
  await limited.act(big, 'a', 'b', 'c', 'd');
  await limited.world.apply(`
domains: [{account: a, domain: ${big}}]
limits: {max_streams: 1}
`);
  expect(await limited.shown(big)).toEqual(['a', 'b', 'c', 'd']);

  await limited.act(big, 'e');

  expect(await limited.shown(big)).toEqual(['b', 'c', 'd', 'e']);
});

test('gives the places of streams with actions to discovered streams, and back', () => {
  const streams = ['a', 'b', 'c'];
  let dropped = 0;
  const limit = createStreamLimit((count) => {
    dropped = count;
  });
  limit.reset(4, 1);
  limit.add('domain', {
    totalSize: () => streams.length,
    size: () => streams.length,
    isPushTarget: () => false,
    evictOldest: (count) => streams.splice(0, count).map((streamKey) => ({ streamKey, lastAt: noon })),
  });

  limit.setDiscovered(2);
  expect([streams, dropped]).toEqual([['c'], 2]);
  limit.setDiscovered(1);
  expect([streams, dropped]).toEqual([['c'], 2]);

  // A reload with a lower limit evicts nothing, and a new discovered stream takes one place.
  streams.push('d');
  limit.reset(1, 1);
  limit.setDiscovered(2);
  expect(streams).toEqual(['d']);
});

test('control actions take no place from streams with push statistics', async () => {
  await using world = startAnsweringCollectors();
  await world.apply(`
streams: [{account: a, domain: ${big}, app_name: live, stream: configured}]
domains: [{account: a, domain: ${big}}]
limits: {max_streams: 2}
`);
  const act = async (stream: string) => {
    await world.clock.advance(30_000);
    world.actions.push(controlAction({ domain: big, stream, actedAt: world.clock.now() - 1000 }));
    await world.poll();
    await world.flush();
    const lines = await world.lines('livestream_control_forbidden', 'livestream_streams_dropped');
    return lines.map((line) => /stream="([^"]*)"/.exec(line)?.[1] ?? line);
  };

  expect(await act('configured')).toEqual(['configured', 'livestream_streams_dropped 0']);
  expect(await act('a')).toEqual(['configured', 'a', 'livestream_streams_dropped 0']);
  expect(await act('b')).toEqual(['configured', 'b', 'livestream_streams_dropped 1']);
});
