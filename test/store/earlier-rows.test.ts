import { expect, test } from 'vitest';
import { newControlRecord } from '../../src/model/control-record.ts';
import { newPushLedger } from '../../src/model/push-ledger.ts';
import type { PushRecord } from '../../src/model/push-record.ts';
import { streamKey } from '../../src/model/stream.ts';
import { pushTargetKey } from '../../src/model/target.ts';
import { fromEarlierRows } from '../../src/store/earlier-rows.ts';
import { controlTarget } from '../support/actions.ts';
import { noon, pushSample, pushTarget, streamId } from '../support/samples.ts';
import { row, toEarlierRows } from './earlier.ts';

const targetKey = pushTargetKey(pushTarget());
const sport = streamKey(streamId({ stream: 'sport' }));
const oneStream: PushRecord = {
  question: 'push_stats',
  targetKey,
  streamKey: streamKey(streamId()),
  frozenAt: undefined,
  target: { watermark: noon, floor: noon - 70_000, seen: [pushSample({ measuredAt: noon - 5000 })] },
  push: newPushLedger(noon - 70_000),
};
const twoStreams: PushRecord = {
  ...oneStream,
  target: { ...oneStream.target, seen: [...oneStream.target.seen, pushSample({ stream: sport })] },
  streams: new Map([[sport, { ...newPushLedger(noon), leftZero: true }]]),
};

test('restores a record of several streams from one row of totals per stream', () => {
  expect(rowsOf(twoStreams).map(({ key }) => key)).toEqual([
    `target ${targetKey}`,
    `push ${targetKey}`,
    `push ${targetKey} ${sport}`,
  ]);
  expect(fromEarlierRows(rowsOf(twoStreams))).toEqual({ records: [twoStreams], problems: [] });
});

test('starts the totals of a stream at 0 if only they are damaged', () => {
  const damaged = rowsOf(twoStreams).map((row) => (row.key.endsWith(sport) ? { ...row, checksum: 0 } : row));

  const { records, problems } = fromEarlierRows(damaged);

  expect(records).toEqual([{ ...twoStreams, streams: new Map([[sport, newPushLedger(noon - 70_000)]]) }]);
  expect(problems).toHaveLength(1);
});

test('reports each row of another shape, whose checksum fits, and restores the other ones', () => {
  const rows = [row('scrapers', 5), row('push x', null), row('target x', { question: 'push_stats' })];

  const { records, scrapers, problems } = fromEarlierRows([...rows, ...rowsOf(oneStream)]);

  expect([records, scrapers]).toEqual([[oneStream], undefined]);
  expect(problems).toEqual([
    expect.stringMatching(/^target x: /),
    'push x: the content has an unknown shape, although its checksum fits',
    'scrapers: the content has an unknown shape, although its checksum fits',
  ]);
});

test('starts totals at 0 and says so if their row has no totals, although its checksum fits', () => {
  const key = `push ${targetKey}`;
  const rows = rowsOf(oneStream).map((each) => (each.key === key ? row(key, { targetKey }) : each));

  const { records, problems } = fromEarlierRows(rows);

  expect(records).toEqual([{ ...oneStream, push: newPushLedger(oneStream.target.floor) }]);
  expect(problems).toEqual([`${key}: the content has an unknown shape, although its checksum fits`]);
});

test('drops a record that cannot be written in the current form', () => {
  const control = newControlRecord(controlTarget(), noon);
  const key = `control ${control.targetKey} ${sport}`;
  const forged = row(key, {
    targetKey: control.targetKey,
    ledger: { stream: streamId(), actions: { forbid: null } },
  });

  const { records, problems } = fromEarlierRows([
    ...toEarlierRows(control),
    forged,
    ...toEarlierRows(oneStream),
  ]);

  expect(records).toEqual([oneStream]);
  expect(problems).toEqual([
    `target ${control.targetKey}: the content has an unknown shape, although its checksum fits`,
  ]);
});

function rowsOf(record: PushRecord) {
  return toEarlierRows(record);
}

test('assumes that all samples of a row without measured times contained both values', () => {
  const { totals } = oneStream.push;
  const { measuredMs: _, ...earlier } = { ...totals, samples: 2, observedMs: 10_000 };
  const rows = rowsOf({ ...oneStream, push: { ...oneStream.push, totals: earlier as typeof totals } });

  const [record] = fromEarlierRows(rows).records;

  expect(record).toMatchObject({
    push: { totals: { observedMs: 10_000, measuredMs: { fps: 10_000, bitrate: 10_000 } } },
  });
});

test('reads addresses of earlier versions in canonical form', () => {
  const sample = pushSample({ clientIp: '::FFFF:c000:201', serverIp: '2001:DB8::1', session: 'A:1' });
  const record: PushRecord = {
    ...oneStream,
    target: { ...oneStream.target, seen: [sample, { ...sample, measuredAt: noon + 5000 }] },
    push: {
      ...oneStream.push,
      judged: {
        ...oneStream.push.judged,
        publishers: [
          ['::FFFF:c000:201', noon],
          ['A:1', noon],
        ],
        followed: { clientIp: '::FFFF:c000:201', lastAt: noon },
      },
    },
  };

  const canonical = { ...sample, clientIp: '192.0.2.1', serverIp: '2001:db8::1' };
  expect(fromEarlierRows(rowsOf(record)).records).toMatchObject([
    {
      target: { seen: [canonical, { ...canonical, measuredAt: noon + 5000 }] },
      push: {
        judged: {
          publishers: [
            ['192.0.2.1', noon],
            ['A:1', noon],
          ],
          followed: { clientIp: '192.0.2.1', lastAt: noon },
        },
      },
    },
  ]);
});
