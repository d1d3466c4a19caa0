import { expect, test } from 'vitest';
import { streamKey } from '../../src/model/stream.ts';
import { answer, ban, setUpForbiddenStreams, target } from '../support/forbidden-streams.ts';
import { pushTarget } from '../support/samples.ts';

test('requests the states of streams if there is no list, and logs that once', async () => {
  const it = await setUpForbiddenStreams({ configured: 2 });
  it.lists.current = undefined;
  it.forbidden.add('s1');
  await it.poll();
  await it.poll();

  expect(it.requested).toEqual(['s0', 's1', 's1', 's0']);
  expect(await it.forbiddenLines()).toEqual(['s1 1']);
  expect([...(it.record()?.streams.keys() ?? [])]).toEqual([
    streamKey({ ...pushTarget().stream, domain: target.domain, appName: 'live', stream: 's1' }),
  ]);
  expect(it.log.filter((line) => line.includes('does not offer'))).toHaveLength(1);

  it.forbidden.clear();
  await it.poll();
  expect(await it.forbiddenLines()).toEqual(['s1 0']);
  expect(it.record()?.domain.actions.forbid?.count).toBe(0);
});

test('requests at most 100 states per poll, and the next streams with the next poll', async () => {
  const it = await setUpForbiddenStreams({ configured: 250 });
  it.lists.current = undefined;

  await it.poll();
  expect(it.requested).toHaveLength(100);
  await it.poll();
  await it.poll();

  expect(it.requested).toHaveLength(300);
  expect(new Set(it.requested).size).toBe(250);
});

test('requests the states of forbidden streams first, and if there are many, the next ones with the next poll', async () => {
  const it = await setUpForbiddenStreams({ configured: 200 });
  it.lists.current = answer(Array.from({ length: 120 }, (_, i) => ban({ stream: `ban${i}` })));
  await it.poll();

  it.lists.current = undefined;
  for (let n = 0; n < 120; n++) it.forbidden.add(`ban${n}`);
  for (let n = 0; n < 3; n++) await it.poll();

  const bans = it.requested.filter((name) => name.startsWith('ban'));
  expect([bans.length, new Set(bans).size]).toEqual([150, 120]);
  expect(it.requested).toHaveLength(300);
});

test.each([
  ['a response that cannot be read', 'malformed', 25],
  ['another failure', 'unavailable', 10],
] as const)('applies the other states after %s', async (_, kind, requests) => {
  const it = await setUpForbiddenStreams({ configured: 25 });
  it.lists.current = undefined;
  Object.assign(it.failing, { stream: 's3', kind });
  for (const name of ['s2', 's4']) it.forbidden.add(name);

  await it.poll();

  expect(it.requested).toHaveLength(requests);
  expect((await it.forbiddenLines()).toSorted()).toEqual(['s2 1', 's4 1']);
  expect(it.failedTargets()).toBe(1);
});

test('shows the source of the state of each domain, and logs when the list is missing and when it is back', async () => {
  const other = { ...target, domain: 'two.example.com' };
  const it = await setUpForbiddenStreams({ targets: [target, other], hasStates: false });
  const sources = (source: string | undefined) => [target, other].map(({ domain }) => [domain, source]);
  expect(it.banSources()).toEqual(sources(undefined));
  it.lists.current = undefined;
  await it.poll();
  await it.poll();

  expect(it.banSources()).toEqual(sources('actions'));
  const messages = () => it.log.filter((line) => line.includes('list of forbidden streams'));
  expect(messages()).toHaveLength(1);
  expect(messages()[0]).toContain('advice="grant it"');

  it.lists.current = answer([]);
  await it.poll();
  expect(it.banSources()).toEqual(sources('list'));
  expect(messages()).toHaveLength(2);
  expect(messages()[1]).toContain('again');

  it.lists.current = undefined;
  await it.poll();
  expect(messages()).toHaveLength(3);
});

test('forgets the source of a domain that was removed', async () => {
  const it = await setUpForbiddenStreams();
  it.lists.current = undefined;
  await it.poll();
  expect(it.banSources()).toEqual([[target.domain, 'states']]);

  await it.apply([]);
  await it.apply([target]);

  expect(it.banSources()).toEqual([[target.domain, undefined]]);
});
