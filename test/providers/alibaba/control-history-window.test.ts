import { expect, test } from 'vitest';
import type { ControlledDomain } from '../../../src/model/questions.ts';
import { domain, never, now, rows, sourceOf, window } from '../../support/alibaba-control-history.ts';
import { recorded } from '../recorded.ts';

test('requests whole seconds that cover the window', async () => {
  await expect(parametersOf({})).resolves.toEqual({
    DomainName: 'play.example.com',
    StartTime: '2025-07-07T00:00:00Z',
    EndTime: '2025-07-07T11:59:59Z',
  });
});

test('requests a single application if the target has one', async () => {
  await expect(parametersOf({}, { domain: 'play.example.com', appName: 'testApp' })).resolves.toMatchObject({
    AppName: 'testApp',
  });
});

test.each([now, now + 1, now + 60_000])('clips the end %d to now', async (to) => {
  await expect(parametersOf({ to })).resolves.toMatchObject({ EndTime: '2025-07-07T12:00:00Z' });
});

test('requests an empty range for a window in the future', async () => {
  await expect(parametersOf({ from: now + 10_000, to: now + 20_000 })).resolves.toMatchObject({
    StartTime: '2025-07-07T12:00:10Z',
    EndTime: '2025-07-07T12:00:10Z',
  });
});

test('requests at most seven days if the window starts within a second', async () => {
  await expect(parametersOf({ from: window.to - 7 * 86_400_000, to: window.to })).resolves.toMatchObject({
    StartTime: '2025-06-30T11:59:58Z',
    EndTime: '2025-07-07T11:59:58Z',
  });
});

test('has a span and a retention of seven days', () => {
  const { limits } = sourceOf(async () => rows());

  expect(limits).toEqual({ spanMs: 604_800_000, retentionMs: 604_800_000 });
});

async function parametersOf(part: Partial<typeof window>, of: ControlledDomain = domain) {
  const { http, sent } = recorded(rows());
  await sourceOf(http).listControlActions(of, { ...window, ...part }, never);
  return Object.fromEntries(new URL(sent[0]?.url ?? '').searchParams);
}
