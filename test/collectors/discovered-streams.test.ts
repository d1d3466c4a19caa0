import { expect, test } from 'vitest';
import { newPushRecord } from '../../src/model/push-record.ts';
import { noon, pushTarget } from '../support/samples.ts';
import { app, keyOf, minute, online, startWorld } from './discovered-world.ts';

test('keeps streams over lists that are not complete', async () => {
  const world = startWorld();
  await world.configure();
  await world.list('a', 'b');

  for (let i = 0; i < 3; i++) {
    await world.clock.advance(20 * minute);
    for (const name of ['a', 'b']) world.poll(name);
    await world.listIncompletely('a', 'c');
  }

  expect(world.names()).toEqual(['a', 'b', 'c']);
});

test('removes a stream after the grace period, once its history was requested up to its end', async () => {
  const world = startWorld();
  await world.configure();
  await world.list('a', 'polled', 'behind', 'back');

  await world.list('a');
  await world.clock.advance(2 * minute);
  await world.list('a', 'back');
  world.poll('polled');
  world.poll('back');
  await world.list('a', 'back');
  expect(world.names()).toEqual(['a', 'back', 'behind', 'polled']);
  await world.clock.advance(3 * minute);
  await world.list('a');
  expect(world.names()).toEqual(['a', 'back', 'behind']);
  expect(world.recordOf('polled')?.frozenAt).toBe(world.clock.now());

  world.poll('behind');
  await world.list('a');
  expect(world.names()).toEqual(['a', 'back']);

  await world.clock.advance(5 * minute);
  world.poll('back');
  await world.list('a');
  expect(world.names()).toEqual(['a']);
});

test('removes a stream whose end was listed while the records of new streams could not be read', async () => {
  const world = startWorld();
  await world.configure();
  await world.list('ended');
  await world.list();
  await world.clock.advance(6 * minute);
  world.poll('ended');

  world.disk.isFaulty = true;
  await expect(world.list('new')).rejects.toThrow('disk failed');
  world.disk.isFaulty = false;
  await world.list('new');

  expect(world.names()).toEqual(['new']);
  expect(world.recordOf('ended')?.frozenAt).toBe(world.clock.now());
});

test('removes a stream whose history cannot be requested after a day', async () => {
  const world = startWorld();
  await world.configure();
  await world.list('a');
  await world.list();
  await world.clock.advance(23 * 60 * minute);
  await world.list();
  expect(world.names()).toEqual(['a']);

  await world.clock.advance(60 * minute);
  await world.list();
  expect(world.names()).toEqual([]);
});

test('gives places to the streams that began first, and lets them keep their places', async () => {
  const configured = [pushTarget()];
  const world = startWorld(3, configured);
  await world.configure();

  await world.list(online('late', noon - 1_000), online('b', noon - 2_000), online('a', noon - 3_000));
  expect(world.names()).toEqual(['a', 'b', 'news']);
  expect(world.dropped()).toBe(1);

  await world.list('late', 'b', 'a', online('earliest', noon - 9_000));
  expect(world.names()).toEqual(['a', 'b', 'news']);
  expect(world.dropped()).toBe(2);

  await world.list('late', 'b');
  await world.clock.advance(6 * minute);
  world.poll('a');
  await world.list('late', 'b');
  expect(world.names()).toEqual(['b', 'late', 'news']);
  expect(world.dropped()).toBe(0);
});

test('gives a stream of the config no place of a discovered one', async () => {
  const own = pushTarget({ stream: { ...app, stream: 'own' } });
  const world = startWorld(2, [own]);
  await world.configure();

  await world.list(online('own', noon - 9_000), online('a', noon - 1_000));

  expect(world.names()).toEqual(['a', 'own']);
  expect(world.dropped()).toBe(0);
});

test('a discovered stream with control actions takes one place', async () => {
  const world = startWorld(3);
  await world.configure();
  world.act('a', 'b', 'c');

  await world.list('a');
  expect(world.actedUpon()).toEqual(['a', 'b', 'c']);
  await world.list('a', 'd');
  expect(world.actedUpon()).toEqual(['a', 'c']);
});

test('forgets the streams of a domain that leaves the config, also if a list arrives later', async () => {
  const world = startWorld(1);
  await world.configure();
  await world.list('a', 'b');
  expect(world.dropped()).toBe(1);

  await world.configure({ discovery: [] });
  await world.list('a', 'b');

  expect(world.names()).toEqual([]);
  expect(world.dropped()).toBe(0);
});

test('applies a changed filter and changed settings to the streams', async () => {
  const world = startWorld();
  await world.configure();
  await world.list('room-1', 'room-2', 'test');

  const filter = { include: 'room-.*', exclude: '.*2' };
  await world.configure({ discovery: [{ ...app, filter, push: { ...app.push, labels: { team: 'x' } } }] });
  expect(world.names()).toEqual(['room-1']);
  await world.list('room-1', 'room-2', 'test', 'room-3');

  expect(world.names()).toEqual(['room-1', 'room-3']);
});

test('lets a stream of the config replace a discovered one, and the other way round', async () => {
  const world = startWorld();
  await world.configure();
  await world.list('a');
  const own = pushTarget({ stream: { ...app, stream: 'a' }, labels: { own: 'yes' } });

  await world.configure({ push: [own] });
  expect(world.names()).toEqual(['a']);
  await world.list('a');
  await world.configure();

  expect(world.names()).toEqual(['a']);
});

test('follows the streams again that were targets when the exporter stopped', async () => {
  const world = startWorld();
  const target = (name: string) => ({ ...pushTarget(), stream: { ...app, stream: name } });
  for (const name of ['a"]', 'b', 'frozen']) world.cache.put(newPushRecord(target(name), noon));
  world.cache.freeze(keyOf('frozen'), noon);
  world.cache.put(newPushRecord(pushTarget(), noon));

  await world.configure();
  expect(world.names()).toEqual(['a"]', 'b']);
  await world.list('b');
  await world.clock.advance(5 * minute);
  world.poll('a"]');
  await world.list('b');

  expect(world.names()).toEqual(['b']);
});

test('follows the streams again if their records could not be read at first', async () => {
  const world = startWorld();
  world.cache.put(newPushRecord({ ...pushTarget(), stream: { ...app, stream: 'a' } }, noon));

  world.disk.isFaulty = true;
  await expect(world.configure()).rejects.toThrow('disk failed');
  world.disk.isFaulty = false;
  await world.configure();

  expect(world.names()).toEqual(['a']);
});
