import { expect, test } from 'vitest';
import { createUnitCheck } from '../../../src/providers/alibaba/unit-check.ts';
import { pushSample } from '../../support/samples.ts';

const app = { domain: 'play.example.com', appName: 'live' };

test('compares new streams although a thousand others have ended', () => {
  const check = createUnitCheck();
  const remember = (stream: string) =>
    check.remember({ ...app, stream }, [pushSample({ bitsPerSecond: 2_000_000 })]);
  const streams = ['a', 'b', 'c'];
  /** The bit rates of the list are 8 times too large. */
  const pushes = streams.map((stream) => ({ stream, sample: pushSample({ bitsPerSecond: 16_000_000 }) }));
  const warning = () => check.warningOf(app, pushes, { operation: 'List', bitsPerUnit: 8 });
  for (let i = 0; i < 1000; i++) remember(`ended-${i}`);
  expect(warning()).toBeUndefined();

  for (const stream of streams) remember(stream);

  expect(warning()).toContain('bitrate_unit: {List: bit}');
});
