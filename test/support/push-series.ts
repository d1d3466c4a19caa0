import type { ClientIpSettings } from '../../src/metrics/push/client-ip.ts';
import { createPushSeries, type PushSeries } from '../../src/metrics/push/push-series.ts';
import { createZeroHold } from '../../src/metrics/zero-hold.ts';
import type { LivePush } from '../../src/model/live-push.ts';
import { newPushLedger, type PushLedger } from '../../src/model/push-ledger.ts';
import type { PushSample } from '../../src/model/push-sample.ts';
import type { PushTotals } from '../../src/model/push-totals.ts';
import type { PushView } from '../../src/model/push-view.ts';
import { createSlices } from '../../src/model/slices.ts';
import { streamKey } from '../../src/model/stream.ts';
import { linesOf, oneSlice } from './exposition.ts';
import { noon, streamId } from './samples.ts';

/** Key of the stream of `pushTarget`. */
export const news = streamKey(streamId());

/** Its rendered labels. */
export const newsLabels =
  'account="tencent",provider="tencent",domain="push.example.com",app_name="live",stream="news"';

/**
 * Push series with a zero hold that time does not end. `scrape` completes a response of `version`, by default
 * the current one.
 */
export function setUpPushSeries(clientIp: ClientIpSettings = { show: 'full', on: 'gauges' }) {
  const released: string[] = [];
  const zeroHold = createZeroHold({ version: () => series.tables.version(), elapsed: () => 0 });
  const series: PushSeries = createPushSeries({
    clientIp,
    zeroHold,
    onRelease: (streamKeys) => released.push(...streamKeys),
    inSlices: createSlices(oneSlice),
  });
  const lines = (...names: readonly string[]) => linesOf(series.tables, ...names);
  const scrape = (version = series.tables.version()) => zeroHold.scrapeCompleted('curl', version);
  return { series, scrape, released, lines };
}

export function livePush(followed: PushSample, ...others: readonly PushSample[]): LivePush {
  return { followed, others };
}

/** View of a response at noon with a TTL of a minute. */
export function pushView(live: LivePush | undefined, part: Partial<PushView> = {}): PushView {
  return {
    live,
    isUnknown: false,
    watermark: noon,
    answeredAt: noon,
    expiresAt: noon + 60_000,
    since: noon,
    isSinceFirst: true,
    ...part,
  };
}

/** Ledger that has left 0. */
export function pushLedger(totals: Partial<PushTotals>, part: Partial<PushLedger> = {}): PushLedger {
  const initial = newPushLedger(noon);
  return { ...initial, totals: { ...initial.totals, ...totals }, leftZero: true, ...part };
}
