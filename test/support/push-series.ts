import type { ClientIpSettings } from '../../src/metrics/push/client-ip.ts';
import { createPushSeries, type PushSeries } from '../../src/metrics/push/push-series.ts';
import { createZeroHold } from '../../src/metrics/zero-hold.ts';
import type { LivePush } from '../../src/model/live-push.ts';
import { newPushLedger, type PushLedger, type PushTotals } from '../../src/model/push-ledger.ts';
import type { PushSample } from '../../src/model/push-sample.ts';
import type { PushView } from '../../src/model/push-view.ts';
import { streamKey } from '../../src/model/stream.ts';
import { linesOf } from './exposition.ts';
import { noon, streamId } from './samples.ts';

/** The key of the stream that `pushTarget` is about. */
export const news = streamKey(streamId());

/** Its labels, as they are drawn. */
export const newsLabels =
  'account="tencent",provider="tencent",domain="push.example.com",app_name="live",stream="news"';

/** The series of all streams, with zeroHold that no time ends: scrapes are told by `answered`. */
export function setUpPushSeries(clientIp: ClientIpSettings = { show: 'full', on: 'gauges' }) {
  const released: string[] = [];
  const zeroHold = createZeroHold((streamKeys) => released.push(...streamKeys));
  const conditionHold = createZeroHold((keys) => series.releaseConditions(keys));
  const series: PushSeries = createPushSeries({
    clientIp,
    zeroHold,
    conditionHold,
    version: () => series.tables.version(),
    elapsed: () => 0,
  });
  const lines = (...names: readonly string[]) => linesOf(series.tables, ...names);
  return { series, zeroHold, conditionHold, released, lines };
}

export function livePush(followed: PushSample, ...others: readonly PushSample[]): LivePush {
  return { followed, others };
}

/** Of an answer at noon, known for a minute. */
export function pushView(live: LivePush | undefined, part: Partial<PushView> = {}): PushView {
  return { live, watermark: noon, answeredAt: noon, expiresAt: noon + 60_000, ...part };
}

/** One that has left 0. */
export function pushLedger(totals: Partial<PushTotals>, part: Partial<PushLedger> = {}): PushLedger {
  const begun = newPushLedger(noon);
  return { ...begun, totals: { ...begun.totals, ...totals }, leftZero: true, ...part };
}
