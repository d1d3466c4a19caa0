import { expect, test } from 'vitest';
import { describeWithTool } from '../support/tools.ts';
import { checkHealthyHours } from './healthy-hours-check.ts';

describeWithTool('promtool', 'the alerts in 40 hours of healthy streams', () => {
  test('never fire', { timeout: 240_000 }, async () => {
    expect(await checkHealthyHours({ streams: 40, hours: 1, seed: 1 })).toBe('');
  });

  test('fire if one of the streams is not healthy', { timeout: 240_000 }, async () => {
    const bad = 'story: [{at: 40m, for: 2m, fps: 70%}]';

    expect(await checkHealthyHours({ streams: 10, hours: 1, seed: 1, bad })).toMatch(
      /alertname="LivestreamPushFpsLow".*stream="s1-0"/,
    );
  });
});
