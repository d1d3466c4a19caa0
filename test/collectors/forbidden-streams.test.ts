import { expect, test } from 'vitest';
import { adaptAppName, newControlRecord } from '../../src/model/control-record.ts';
import { answer, ban, polledRecord, setUpForbiddenStreams, target } from '../support/forbidden-streams.ts';
import { noon } from '../support/samples.ts';

test('updates the record and the gauges of a domain', async () => {
  const it = await setUpForbiddenStreams();
  it.lists.current = answer([ban()]);
  await it.poll();

  expect(it.record()?.domain.actions.forbid?.count).toBe(1);
  expect(await it.forbiddenLines()).toEqual(['news 1']);

  it.lists.current = answer([]);
  await it.poll();
  await it.poll();
  expect(await it.forbiddenLines()).toEqual(['news 0']);
  expect(it.record()?.domain.actions.resume?.count).toBe(1);
});

test('lifts no ban because of an incomplete list', async () => {
  const it = await setUpForbiddenStreams();
  it.lists.current = answer([ban()]);
  await it.poll();

  it.lists.current = answer([], false);
  for (let n = 0; n < 3; n++) await it.poll();

  expect(await it.forbiddenLines()).toEqual(['news 1']);
});

test('changes no record of a domain that was removed', async () => {
  const it = await setUpForbiddenStreams();
  const record = it.record();
  if (record === undefined) throw new Error('no record');
  it.cache.put({ ...record, frozenAt: noon });
  it.lists.current = answer([ban()]);

  await it.poll();

  expect(it.record()?.streams.size).toBe(0);
});

test.each([
  ['the first answer', () => newControlRecord(target, noon)],
  [
    'the first answer after a return',
    () => {
      const record = polledRecord(target);
      return { ...record, target: { ...record.target, backFrom: noon + 1 } };
    },
  ],
])('changes no record before %s of the control history', async (_, recordOf) => {
  const it = await setUpForbiddenStreams();
  it.cache.put(recordOf());
  it.lists.current = answer([ban()]);
  await it.poll();
  expect(it.record()?.streams.size).toBe(0);

  it.cache.put(polledRecord(target));
  await it.poll();
  expect(it.record()?.streams.size).toBe(1);
});

test('changes no record before the control history has adapted it to another application', async () => {
  const it = await setUpForbiddenStreams();
  const show = { ...target, appNames: ['show'] };
  await it.apply([show]);
  it.lists.current = answer([ban({ appName: 'show', forbiddenAt: noon - 3_600_000 })]);
  await it.poll();
  expect(it.record()?.streams.size).toBe(0);

  const record = it.record();
  if (record === undefined) throw new Error('no record');
  it.cache.put(adaptAppName(record, show));
  await it.poll();
  expect(it.record()?.streams.size).toBe(1);
  expect(it.record()?.domain.actions.forbid?.count).toBe(0);
});

test('applies a ban without a domain to the only domain, and not to one of two', async () => {
  const other = { ...target, domain: 'two.example.com' };
  const [alone, two] = [
    await setUpForbiddenStreams(),
    await setUpForbiddenStreams({ targets: [target, other] }),
  ];
  for (const it of [alone, two]) {
    it.lists.current = answer([ban({ domain: undefined })]);
    await it.poll();
  }

  expect([alone, two].map((it) => it.record()?.streams.size)).toEqual([1, 0]);
  await two.apply([target]);
  await two.poll();
  expect(two.record()?.streams.size).toBe(1);
});

test('keeps to the limit on the number of streams', async () => {
  const it = await setUpForbiddenStreams({ maxStreams: 2 });
  it.lists.current = answer(['a', 'b', 'c'].map((stream) => ban({ stream })));

  await it.poll();

  expect(it.record()?.domain.actions.forbid?.count).toBe(3);
});
