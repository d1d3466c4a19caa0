import { expect, test } from 'vitest';
import type { ControlledDomain } from '../../../src/model/questions.ts';
import { domain, never, now, rows, sourceOf, window } from '../../support/alibaba-control-history.ts';
import { recorded } from '../recorded.ts';

test('the window is asked for in whole seconds that hold all of it', async () => {
  await expect(asked({})).resolves.toEqual({
    DomainName: 'play.example.com',
    StartTime: '2025-07-07T00:00:00Z',
    EndTime: '2025-07-07T11:59:59Z',
  });
});

test('one application is asked about where there is one', async () => {
  await expect(asked({}, { domain: 'play.example.com', appName: 'testApp' })).resolves.toMatchObject({
    AppName: 'testApp',
  });
});

test.each([now, now + 1, now + 60_000])('the end %d is not asked for beyond now', async (to) => {
  await expect(asked({ to })).resolves.toMatchObject({ EndTime: '2025-07-07T12:00:00Z' });
});

test('a window that lies ahead has no end before its start', async () => {
  await expect(asked({ from: now + 10_000, to: now + 20_000 })).resolves.toMatchObject({
    StartTime: '2025-07-07T12:00:10Z',
    EndTime: '2025-07-07T12:00:10Z',
  });
});

test('a window of seven days that begins within a second is not asked for as one second more', async () => {
  await expect(asked({ from: window.to - 7 * 86_400_000, to: window.to })).resolves.toMatchObject({
    StartTime: '2025-06-30T11:59:58Z',
    EndTime: '2025-07-07T11:59:58Z',
  });
});

test('the documents allow a span of seven days', () => {
  const { limits } = sourceOf(async () => rows());

  expect(limits).toEqual({ spanMs: 604_800_000, retentionMs: 604_800_000 });
});

async function asked(part: Partial<typeof window>, of: ControlledDomain = domain) {
  const { http, sent } = recorded(rows());
  await sourceOf(http).listControlActions(of, { ...window, ...part }, never);
  return Object.fromEntries(new URL(sent[0]?.url ?? '').searchParams);
}
