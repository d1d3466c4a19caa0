import { expect, test } from 'vitest';
import { streamKey } from '../../src/model/stream.ts';
import { banDomain, idOf } from '../support/bans.ts';
import { noon } from '../support/samples.ts';

const minute = 60_000;

test('ignores the state of a stream if a newer action was counted during the request', () => {
  const it = banDomain();
  it.state(noon + minute, idOf('news'), true);
  it.act(noon + 5 * minute, { actedAt: noon + 4 * minute, action: 'resume' });

  it.state(noon + 3 * minute, idOf('news'), true);
  expect(it.isForbidden()).toBe(false);
  it.state(noon + 5 * minute, idOf('news'), true);
  expect(it.isForbidden()).toBe(true);
});

test('the state of a stream changes whether it is forbidden, and counts nothing', () => {
  const it = banDomain();
  it.act(noon + minute, { action: 'forbid', actedAt: noon + minute });
  it.state(noon + 2 * minute, idOf('news'), true);
  expect(it.record().streams.get(streamKey(idOf('news')))?.ban).toBeUndefined();
  it.state(noon + 3 * minute, idOf('news'), false);
  it.state(noon + 3 * minute, idOf('other'), false);
  expect([it.isForbidden(), it.record().streams.size]).toEqual([false, 1]);
  it.state(noon + 4 * minute, idOf('other'), true);

  expect([it.isForbidden('other'), it.counts()]).toEqual([true, { forbid: 1 }]);
});

test('the state of a stream decides if a forbid and a resume have the same time', () => {
  const it = banDomain();
  it.act(noon + minute, { action: 'forbid', actedAt: noon + minute });
  it.act(noon + minute, { action: 'resume', actedAt: noon + minute });
  expect(it.isForbidden()).toBeUndefined();

  it.state(noon + 2 * minute, idOf('news'), false);

  expect(it.isForbidden()).toBe(false);
});
