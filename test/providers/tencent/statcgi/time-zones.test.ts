import { expect, test } from 'vitest';
import { parseFixedOffset } from '../../../../src/text/time-zones.ts';
import {
  answerOf,
  at,
  first,
  never,
  rowsAt,
  second,
  sourceOf,
  stored,
  stream,
  window,
} from './push-history-source.ts';

const utcText =
  'the times in the response are in UTC, not in the configured time_zone, and are read as UTC; correct time_zone in the config';

test('reads times that only match UTC as UTC, and warns once', async () => {
  await expect(answerOf('utc-times')).resolves.toEqual({
    items: [first, second],
    malformed: 0,
    warnings: [utcText],
  });
});

test('reads times as UTC if the configured zone is west of Greenwich', async () => {
  await expect(answerOf('utc-times', -5 * 3_600_000)).resolves.toMatchObject({
    items: [first, second],
    warnings: [utcText],
  });
});

test('reads no times as UTC if some have a zone', async () => {
  const mixed = rowsAt('2016-01-20 08:50:31', '2016-01-20 09:50:36+08:00');

  const answer = sourceOf(async () => mixed).listPushSamples(stream, window, never);

  await expect(answer).rejects.toThrow('(check time_zone)');
});

test('reads times without a zone in the time zone of the account', async () => {
  await expect(answerOf('utc-times', 0)).resolves.toEqual({
    items: [first, second],
    malformed: 0,
    warnings: [],
  });
});

test('keeps rows outside the window if others are inside, because the ledger filters them', async () => {
  const seconds = at / 1000;
  const around = rowsAt(seconds - 3600, seconds, seconds + 3600);

  const { items } = await sourceOf(async () => around).listPushSamples(stream, window, never);

  expect(items.map(({ measuredAt }) => measuredAt - at)).toEqual([-3_600_000, 0, 3_600_000]);
});

test.each(['+09:00', '+07:00', '+08:15', '+07:45', '-05:00'])(
  'rejects the rows of a live stream that %s moves out of the window',
  async (zone) => {
    const offsetMs = parseFixedOffset(zone);

    await expect(answerOf('object', offsetMs)).rejects.toMatchObject({
      kind: 'malformed',
      message: 'tencent Get_LivePushStatHistory: rows are outside the requested window (check time_zone)',
    });
  },
);

test.each([7, 9])('rejects two hours of rows that +0%d:00 moves out of the window in part', async (hours) => {
  const wide = { from: at - 7_200_000, to: at };
  const texts = Array.from({ length: 1440 }, (_, i) => beijingText(wide.from + i * 5000));

  const answer = sourceOf(async () => rowsAt(...texts), hours * 3_600_000);

  await expect(answer.listPushSamples(stream, wide, never)).rejects.toThrow('check time_zone');
});

test('reads a long window of rows as UTC as a whole, also if some fit the configured zone', async () => {
  const wide = { from: at - 7_200_000, to: at };
  const times = Array.from({ length: 1440 }, (_, i) => wide.from + i * 5000);
  const texts = times.map((time) => beijingText(time - 8 * 3_600_000));

  const answer = await sourceOf(async () => rowsAt(...texts), 3_600_000).listPushSamples(stream, wide, never);

  expect(answer.items.map(({ measuredAt }) => measuredAt)).toEqual(times);
  expect(answer.warnings).toEqual([utcText]);
});

test('names no setting if the times outside the window have a zone of their own', async () => {
  const answer = sourceOf(async () => stored('iso-times'));
  const later = { from: at + 3_600_000, to: at + 7_200_000 };

  await expect(answer.listPushSamples(stream, later, never)).rejects.toMatchObject({
    kind: 'malformed',
    message:
      'tencent Get_LivePushStatHistory: rows are outside the requested window (check for a proxy or gateway that returns old responses)',
  });
});

/** Returns the wall clock time in Beijing, without a zone. */
function beijingText(time: number): string {
  return new Date(time + 8 * 3_600_000).toISOString().slice(0, 19).replace('T', ' ');
}
