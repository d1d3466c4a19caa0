import type { LivePush } from '../../model/live-push.ts';
import type { PushEnd } from '../../model/push-end.ts';
import type { LedgerTotals } from '../../model/push-ledger.ts';
import type { PushMedia } from '../../model/push-media.ts';
import type { PushSample } from '../../model/push-sample.ts';
import { noTotals, type PushTotals } from '../../model/push-totals.ts';
import { isKnown, type PushView, sampleTimeOf } from '../../model/push-view.ts';
import type { InSlices } from '../../model/slices.ts';
import { streamKey as keyOf } from '../../model/stream.ts';
import type { PushTarget } from '../../model/target.ts';
import type { EpochMs } from '../../model/time.ts';
import { renderTogether } from '../exposition/exposition.ts';
import { streamLabels } from '../table/identity-labels.ts';
import { createSeriesTable, type RowId } from '../table/series-table.ts';
import type { ZeroHold } from '../zero-hold.ts';
import { type ClientIpSettings, shownClientIp } from './client-ip.ts';
import { createExpectationRows } from './expectation-rows.ts';
import { createOptionalRows } from './optional-rows.ts';
import { createPublisherRows, type PublisherRow } from './publisher-rows.ts';
import { totalsFamilies } from './push-counters.ts';
import {
  mediaFamilies,
  pushEndFamilies,
  pushStartFamilies,
  sampleTimeFamilies,
  streamTexts,
  viewFamilies,
  watermarkFamilies,
} from './push-families.ts';
import { type ShownPublisher, setPushInfo } from './push-info.ts';

export type PushSeries = ReturnType<typeof createPushSeries>;

/** State of the series of one stream. */
interface StreamSeries extends ShownPublisher {
  target: PushTarget;
  readonly row: RowId;
  /**
   * State of the stream in the newest answer, which the gauges show; undefined before the first answer and
   * after the view has expired.
   */
  view: PushView | undefined;
  /** Media values that the gauges show; undefined if the provider reports none. */
  media: PushMedia | undefined;
  /** First table row of the stream's live publishers; undefined without a live publisher. */
  publishers: PublisherRow | undefined;
  /** Time of the newest sample of the stream, which is exposed; undefined before the first sample. */
  newestAt: EpochMs | undefined;
  /** Time and reason of the newest end of a push, which are exposed; undefined before the first one. */
  end: Pick<PushEnd, 'endedAt' | 'reason'> | undefined;
}

/**
 * Returns the totals that are exposed during the zero hold: all are 0, but a counter whose value was never
 * reported has no series.
 */
function zeroTotalsOf({ mediaMs: { video, audio } }: PushTotals): PushTotals {
  return { ...noTotals, mediaMs: { video: video && 0, audio: audio && 0 } };
}

/** Settings and functions that the push series need. */
interface PushSeriesParts {
  readonly clientIp: ClientIpSettings;
  readonly zeroHold: Pick<ZeroHold, 'addQueue'>;
  /**
   * Receives the keys of streams whose zero hold can end, because every known scraper has received their
   * counters at 0.
   */
  readonly onRelease: (streamKeys: readonly string[]) => void;
  readonly inSlices: InSlices;
  /** Receives errors of work that nobody waits for. By default, they are thrown again. */
  readonly onError?: ((error: unknown) => void) | undefined;
}

/**
 * Creates the push series of all streams. An update is a no-op if its stream was never added or was removed.
 */
export function createPushSeries({
  clientIp: initialClientIp,
  zeroHold,
  onRelease,
  inSlices,
  onError,
}: PushSeriesParts) {
  const table = createSeriesTable(streamTexts, {
    publisher: 'stream',
    pushInfo: 'stream',
    streamInfo: 'stream',
    pushEnd: 'stream',
  });
  let clientIp = initialClientIp;

  /**
   * Returns the value of the label client_ip on the gauges of a publisher; empty if only push_info shows
   * addresses.
   */
  const gaugeAddress = (sample: PushSample): string =>
    clientIp.on === 'gauges' ? shownClientIp(sample.clientIp, clientIp.show) : '';

  const setPublisherRows = createPublisherRows(table, gaugeAddress);
  const setViewRow = table.addFamilies(viewFamilies);
  const setMediaRow = table.addFamilies(mediaFamilies);
  const setPushStartRow = table.addFamilies(pushStartFamilies);
  const setPushEndRow = table.addFamilies(pushEndFamilies);
  const setWatermarkRow = table.addFamilies(watermarkFamilies);
  const setSampleTimeRow = table.addFamilies(sampleTimeFamilies);
  const setTotalsRow = table.addFamilies(totalsFamilies);
  const optionalRows = createOptionalRows({ table, zeroHold, inSlices, onError });
  const expectationRows = createExpectationRows(table);
  const byKey = new Map<string, StreamSeries>();

  const counterHold = zeroHold.addQueue(onRelease);

  /**
   * Sets the time of the newest sample. A view and a ledger can come from different answers, so an earlier time
   * than the exposed one is a no-op.
   */
  const setSampleTime = (series: StreamSeries, newestAt: EpochMs | undefined) => {
    if (newestAt === undefined || newestAt <= (series.newestAt ?? Number.NEGATIVE_INFINITY)) return;
    series.newestAt = newestAt;
    setSampleTimeRow(series.row, newestAt);
  };

  /**
   * Sets all counters of a stream from its ledger. Starts the zero hold of the counters, or ends it if they
   * have left 0.
   */
  const setCounters = (streamKey: string, series: StreamSeries, ledger: LedgerTotals) => {
    const totals = ledger.leftZero ? ledger.totals : zeroTotalsOf(ledger.totals);
    setTotalsRow(series.row, totals);
    setSampleTime(series, ledger.newestAt);
    optionalRows.set(series, totals);
    if (ledger.leftZero) counterHold.remove(streamKey);
    else counterHold.hold(streamKey);
  };

  /** Sets the media gauges. Most providers report no media values, so this is normally a no-op. */
  const setMedia = (series: StreamSeries, media: PushMedia | undefined) => {
    const before = series.media;
    if (media === before) return;
    series.media = media;
    setMediaRow(series.row, media);
    const beganAt = media?.beganAt;
    if (beganAt !== undefined && beganAt !== before?.beganAt) setPushStartRow(series.row, beganAt);
  };

  const setPublishers = (series: StreamSeries, live: LivePush | undefined) => {
    series.publishers = setPublisherRows(
      series.publishers,
      { id: series.target.stream, row: series.row },
      live,
    );
  };

  return {
    tables: renderTogether([table]),
    /**
     * Adds the series of a stream. Pass `ledger` if it was restored from the state file, because its counters
     * may have left 0 before the restart. Pass `streamKey` if the caller already has the key, so that only
     * one copy of the string stays in memory.
     */
    add(target: PushTarget, ledger?: LedgerTotals, streamKey = keyOf(target.stream)) {
      if (byKey.has(streamKey)) throw new Error('cannot add a stream twice');
      const series = newStreamSeries(target, table.addRow());
      table.setText(series.row, 'stream', streamLabels(target.stream));
      byKey.set(streamKey, series);
      expectationRows.set(series.row, target);
      if (ledger !== undefined) setCounters(streamKey, series, ledger);
    },
    /** Sets the counters of a stream from its push ledger. Call this method after the ledger was saved. */
    setLedger(streamKey: string, ledger: LedgerTotals) {
      const series = byKey.get(streamKey);
      if (series !== undefined) setCounters(streamKey, series, ledger);
    },
    /**
     * Sets the watermark that was restored from the state file. The watermark is the end of the last
     * successful request window (wall clock, epoch ms). Later watermarks are set by `setView`.
     */
    setWatermark(streamKey: string, watermark: EpochMs) {
      const series = byKey.get(streamKey);
      if (series !== undefined) setWatermarkRow(series.row, watermark);
    },
    /**
     * Sets all gauges of a stream from the newest answer, including the time of its newest sample. So one
     * scrape shows values of one sample. The view need not be saved first.
     */
    setView(streamKey: string, view: PushView) {
      const series = byKey.get(streamKey);
      if (series === undefined) return;
      series.view = view;
      setViewRow(series.row, view);
      if (view.live !== undefined) {
        setPushInfo(table, series.row, series, view.live.followed, clientIp.show);
        const sampleAt = sampleTimeOf(view);
        if (sampleAt !== undefined) setSampleTime(series, sampleAt);
      }
      setMedia(series, view.live?.followed.media);
      // A list does not move the watermark.
      if (view.watermark !== undefined && view.isListed !== true) setWatermarkRow(series.row, view.watermark);
      setPublishers(series, view.live);
    },
    /** Sets the end of the last push of a stream. No-op if a later end is shown. */
    setEnd(streamKey: string, end: Pick<PushEnd, 'endedAt' | 'reason'>) {
      const series = byKey.get(streamKey);
      if (series === undefined || (series.end !== undefined && series.end.endedAt >= end.endedAt)) return;
      if (series.end?.reason !== end.reason) table.setText(series.row, 'pushEnd', { reason: end.reason });
      series.end = end;
      setPushEndRow(series.row, end.endedAt);
    },
    /**
     * Applies changed labels or a changed expectation to a stream. The identity of the stream must stay the
     * same.
     */
    update(target: PushTarget) {
      const streamKey = keyOf(target.stream);
      const series = byKey.get(streamKey);
      if (series === undefined) return;
      const { expectation: before } = series.target;
      series.target = target;
      expectationRows.set(series.row, target);
      optionalRows.update(series, before);
    },
    /** Removes all series of a stream. */
    remove(streamKey: string) {
      const series = byKey.get(streamKey);
      if (series === undefined) return;
      setPublishers(series, undefined);
      expectationRows.remove(series.row);
      table.freeRow(series.row);
      byKey.delete(streamKey);
      counterHold.remove(streamKey);
      optionalRows.remove(series);
    },
    /**
     * Changes how publisher addresses are exposed. The change takes effect for each stream with its next
     * view.
     */
    setClientIp(settings: ClientIpSettings) {
      clientIp = settings;
    },
    /**
     * Returns a publisher address in the form that the current settings permit; an empty text if they hide
     * addresses.
     */
    shownAddress: (address: string) => shownClientIp(address, clientIp.show),
    /**
     * Removes the gauges of streams whose view has expired at `now` (wall clock, epoch ms), and evaluates the
     * schedules, in slices: if a provider fails, the views of all streams expire together. Call this method once
     * a second, but not before the last call has ended.
     */
    async expire(now: EpochMs, inExpirySlices: InSlices): Promise<void> {
      await expectationRows.expire(now, inExpirySlices);
      await inExpirySlices(byKey.values(), (series) => {
        const { view } = series;
        if (view === undefined || isKnown(view, now)) return;
        setViewRow(series.row, undefined);
        setMedia(series, undefined);
        setPublishers(series, undefined);
        series.view = undefined;
      });
    },
  };
}

function newStreamSeries(target: PushTarget, row: RowId): StreamSeries {
  return {
    target,
    row,
    view: undefined,
    media: undefined,
    publishers: undefined,
    infoClientIp: undefined,
    infoServerIp: undefined,
    infoServerSeenSecond: 0,
    infoMedia: undefined,
    newestAt: undefined,
    end: undefined,
  };
}
