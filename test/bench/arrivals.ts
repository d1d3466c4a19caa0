import { createJudgedPushRecords } from '../../src/model/judged-push-records.ts';
import { countAnswer, type PushRecord } from '../../src/model/push-record.ts';
import type { PushSample } from '../../src/model/push-sample.ts';
import type { PushView } from '../../src/model/push-view.ts';
import { startOrResumePush } from '../../src/model/saved-record.ts';
import { streamKey } from '../../src/model/stream.ts';
import type { PushTarget } from '../../src/model/target.ts';
import { minuteMs, secondMs } from '../../src/model/time.ts';
import { noon } from '../support/samples.ts';
import { serveCommands } from './commands.ts';
import { benchSample, benchTarget, createBenchMetrics, viewOf } from './content.ts';
import { spending } from './load.ts';
import { createPromClientFamilies } from './prom-client-families.ts';

/** Stream whose samples arrive one by one, every five seconds, each in a response of its own. */
interface Stream {
  readonly target: PushTarget;
  readonly key: string;
  record: PushRecord;
  sample: PushSample;
}

const limits = { spanMs: 120 * minuteMs, retentionMs: 3 * 24 * 60 * minuteMs, periodMs: 5 * secondMs };
const [side = '', count = ''] = process.argv.slice(2);
let now = noon;

const streams = Array.from({ length: Number(count) }, (_, number): Stream => {
  const target = benchTarget(number);
  const started = startOrResumePush(undefined, target, now);
  return {
    target,
    key: streamKey(target.stream),
    record: { ...started, push: { ...started.push, leftZero: true } },
    sample: benchSample(number, 0),
  };
});

const { records: judged } = createJudgedPushRecords({ isOn: () => true, onLevels: () => undefined });

const createSetter = { ours: toOurs, 'prom-client': toPromClient };
// The parent passes a valid name.
const set = createSetter[side as keyof typeof createSetter]();

serveCommands({
  ...spending(),
  /** Creates the samples before the measurement. */
  prepare() {
    now += 5 * secondMs;
    const step = (now - noon) / minuteMs;
    for (const [number, stream] of streams.entries()) {
      stream.sample = { ...benchSample(number, step), measuredAt: now - secondMs };
    }
  },
  count() {
    for (const stream of streams) arrive(stream);
  },
  /** Counts like the daemon, which posts alerts. */
  countAndJudge() {
    for (const stream of streams) arrive(stream, judged.count);
  },
  show() {
    for (const stream of streams) set(stream, viewOf(stream.sample));
  },
  countAndShow() {
    for (const stream of streams) {
      arrive(stream);
      set(stream, viewOf(stream.sample));
    }
  },
});

function arrive(stream: Stream, count: typeof judged.count = countAnswer): void {
  const window = { from: now - 5 * secondMs, to: now };
  const { target, record, sample } = stream;
  stream.record = count(record, { window, gap: undefined }, target, limits, now, [sample]).record;
}

function toOurs() {
  const { series } = createBenchMetrics();
  for (const { target, record } of streams) series.add(target, record.push);
  return ({ key, record }: Stream, view: PushView) => {
    series.setLedger(key, record.push);
    series.setView(key, view);
  };
}

function toPromClient() {
  const families = createPromClientFamilies();
  const labels = new Map(
    streams.map(({ key, target, sample }) => [key, families.labelsOf(target.stream, sample)]),
  );
  return ({ key, record, target }: Stream, view: PushView) => {
    const of = labels.get(key);
    if (of !== undefined) families.show(of, { ledger: record.push, view, expectation: target.expectation });
  };
}
