import type { ControlRecord } from '../../src/model/control-record.ts';
import type { PushRecord } from '../../src/model/push-record.ts';
import { noTotals } from '../../src/model/push-totals.ts';
import type { PublishedRecord, SavedRecord } from '../../src/model/saved-record.ts';
import { streamKey } from '../../src/model/stream.ts';
import { controlTargetKey, pushTargetKey } from '../../src/model/target.ts';
import { controlTarget } from '../support/actions.ts';
import { noon, pushSample, pushTarget, streamId } from '../support/samples.ts';

/** More than one batch of a flush. */
const pushes = 230;
/** More than the rows between two yields of a transaction. */
const streamsOfDomain = 450;

/** Returns the same targets for each version; every part of every record contains the version. */
export function recordsOf(version: number): readonly SavedRecord[] {
  return [...Array.from({ length: pushes }, (_, i) => pushOf(i, version)), controlOf(version)];
}

function pushOf(i: number, version: number): PushRecord {
  const target = pushTarget({ stream: streamId({ stream: `stream-${i}` }) });
  const measuredAt = noon + version * 1000;
  return {
    question: 'push_stats',
    targetKey: pushTargetKey(target),
    streamKey: streamKey(target.stream),
    frozenAt: undefined,
    target: {
      watermark: measuredAt,
      floor: measuredAt,
      seen: [pushSample({ measuredAt })],
    },
    push: {
      totals: { ...noTotals, samples: version },
      newestAt: measuredAt,
      judged: { since: 0, coveredTo: 0, missedTo: 0, publishers: [], followed: undefined },
      leftZero: true,
    },
  };
}

function controlOf(version: number): ControlRecord {
  const forbid = { count: version, lastAt: noon, leftZero: true };
  const streams = Array.from({ length: streamsOfDomain }, (_, i) => {
    const stream = streamId({ account: 'aliyun', provider: 'alibaba', stream: `stream-${i}` });
    return [streamKey(stream), { stream, actions: { forbid } }] as const;
  });
  const at = noon + version * 1000;
  return {
    question: 'control_history',
    targetKey: controlTargetKey(controlTarget()),
    frozenAt: undefined,
    target: { watermark: at, floor: at, seen: [] },
    domain: { actions: { forbid }, gapMs: 0 },
    streams: new Map(streams),
    rescannedAt: at,
    appName: '',
  };
}

/** Returns the version of a record whose totals are published. */
export function versionOf(record: PublishedRecord): number | undefined {
  return record.question === 'push_stats' ? record.push.totals.samples : versionsIn(record)[0];
}

/** Returns the versions that the parts of a record contain: one version if the record is intact. */
export function versionsIn(record: SavedRecord): readonly number[] {
  const { watermark, seen } = record.target;
  const targetVersion = (watermark - noon) / 1000;
  if (record.question === 'push_stats') {
    const seenAt = [...seen].map((row) => ('measuredAt' in row ? row.measuredAt : 0));
    return [
      ...new Set([targetVersion, ...seenAt.map((at) => (at - noon) / 1000), record.push.totals.samples]),
    ];
  }
  const ledgers = [record.domain, ...record.streams.values()];
  const counts = ledgers.map(({ actions }) => actions.forbid?.count ?? 0);
  return [...new Set([targetVersion, ...counts, ...(record.streams.size === streamsOfDomain ? [] : [-1])])];
}
