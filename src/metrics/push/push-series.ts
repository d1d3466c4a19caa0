import type { LivePush } from '../../model/live-push.ts';
import { newPushLedger, type PushLedger, type PushTotals } from '../../model/push-ledger.ts';
import type { PushSample } from '../../model/push-sample.ts';
import { isKnown, type PushView } from '../../model/push-view.ts';
import type { InSlices } from '../../model/slices.ts';
import { streamKey as keyOf } from '../../model/stream.ts';
import type { PushTarget } from '../../model/target.ts';
import type { EpochMs } from '../../model/time.ts';
import type { RenderedTables } from '../exposition/exposition.ts';
import { streamLabels } from '../table/identity-labels.ts';
import { createSeriesTable, type RowId, type SeriesTable } from '../table/series-table.ts';
import type { ZeroHold } from '../zero-hold.ts';
import { type ClientIpSettings, shownClientIp } from './client-ip.ts';
import { createConditionHold } from './condition-hold.ts';
import { createExpectationRows } from './expectation-rows.ts';
import { createPublisherRows, type PublisherRow } from './publisher-rows.ts';
import {
  conditionFamilies,
  ledgerFamilies,
  publisherTexts,
  streamTexts,
  viewFamilies,
  watermarkFamilies,
} from './push-families.ts';

/** Push series of all streams. Updates of a stream that was not added, or was removed, are no-ops. */
export interface PushSeries {
  readonly tables: RenderedTables;
  /**
   * Adds the series of a stream. `ledger` is the restored one, whose counters can have left 0 already. Pass
   * `streamKey` if the caller has it, so that only one copy of the string stays in memory.
   */
  add(target: PushTarget, ledger?: PushLedger, streamKey?: string): void;
  /** Sets the counters. Call it after the ledger was saved. */
  setLedger(streamKey: string, ledger: PushLedger): void;
  /** Sets the restored watermark. Later ones come with `setView`. */
  setWatermark(streamKey: string, watermark: EpochMs): void;
  /** Sets the gauges. They do not have to be saved first. */
  setView(streamKey: string, view: PushView): void;
  /** Applies changed labels or a changed expectation. The identity of a stream cannot change. */
  update(target: PushTarget): void;
  remove(streamKey: string): void;
  /** Applies to each stream from its next view on. */
  setClientIp(clientIp: ClientIpSettings): void;
  /** Returns the address as the current settings show it; empty if they hide it. */
  shownAddress(address: string): string;
  /** Removes views that are stale at `now` and evaluates the schedules. Call it once a second. */
  expire(now: EpochMs): void;
}

interface StreamSeries {
  target: PushTarget;
  readonly row: RowId;
  /** From the newest ledger, 0 during the zero hold; undefined before the first ledger. */
  degradedMs: PushTotals['degradedMs'] | undefined;
  /** Source of the gauges; undefined if the stream has none. */
  view: PushView | undefined;
  publishers: readonly PublisherRow[];
  /** Labels of push_info; undefined before the first. */
  infoClientIp: string | undefined;
  infoServerIp: string | undefined;
}

const zeroTotals: PushTotals = newPushLedger(0).totals;

export interface PushSeriesParts {
  readonly clientIp: ClientIpSettings;
  readonly zeroHold: Pick<ZeroHold, 'addQueue'>;
  /** Receives the streams whose counters can leave 0. */
  readonly onRelease: (streamKeys: readonly string[]) => void;
  readonly inSlices: InSlices;
}

export function createPushSeries({
  clientIp: initialClientIp,
  zeroHold,
  onRelease,
  inSlices,
}: PushSeriesParts): PushSeries {
  const table = createSeriesTable(streamTexts, { pushInfo: 'stream', streamInfo: 'stream' });
  const publisherTable = createSeriesTable(publisherTexts);
  const setViewRow = table.addFamilies(viewFamilies);
  const setWatermarkRow = table.addFamilies(watermarkFamilies);
  const setLedgerRow = table.addFamilies(ledgerFamilies);
  const setConditionRow = table.addFamilies(conditionFamilies);
  const expectationRows = createExpectationRows(table);
  const byKey = new Map<string, StreamSeries>();
  let clientIp = initialClientIp;

  /** Returns the label value of a gauge; empty if only push_info shows addresses. */
  const gaugeAddress = (sample: PushSample): string =>
    clientIp.on === 'gauges' ? shownClientIp(sample.clientIp, clientIp.show) : '';

  const publisherRows = createPublisherRows(publisherTable, gaugeAddress);
  const counterHold = zeroHold.addQueue(onRelease);
  const conditionHold = createConditionHold(zeroHold, inSlices, (streamKey) => {
    const series = byKey.get(streamKey);
    if (series !== undefined) setConditions(streamKey, series);
  });

  const setConditions = (streamKey: string, { target: { expectation }, row, degradedMs }: StreamSeries) => {
    if (degradedMs === undefined) return;
    setConditionRow(row, { degradedMs: conditionHold.exposedOf(streamKey, degradedMs), expectation });
  };

  const setCounters = (streamKey: string, series: StreamSeries, ledger: PushLedger) => {
    const totals = ledger.leftZero ? ledger.totals : zeroTotals;
    series.degradedMs = totals.degradedMs;
    setLedgerRow(series.row, { totals, newestAt: ledger.newestAt });
    setConditions(streamKey, series);
    if (ledger.leftZero) counterHold.remove(streamKey);
    else counterHold.hold(streamKey);
  };

  const setPublishers = (series: StreamSeries, live: LivePush | undefined) => {
    series.publishers = publisherRows.set(series.publishers, series.target.stream, live);
  };

  return {
    tables: {
      version: () => publisherTable.version() + table.version(),
      snapshots: () => [publisherTable.snapshot(), table.snapshot()],
    },
    add(target, ledger, streamKey = keyOf(target.stream)) {
      if (byKey.has(streamKey)) throw new Error('cannot add a stream twice');
      const series = newStreamSeries(target, table.addRow());
      table.setText(series.row, 'stream', streamLabels(target.stream));
      byKey.set(streamKey, series);
      expectationRows.set(series.row, target);
      if (ledger !== undefined) setCounters(streamKey, series, ledger);
    },
    setLedger(streamKey, ledger) {
      const series = byKey.get(streamKey);
      if (series !== undefined) setCounters(streamKey, series, ledger);
    },
    setWatermark(streamKey, watermark) {
      const series = byKey.get(streamKey);
      if (series !== undefined) setWatermarkRow(series.row, watermark);
    },
    setView(streamKey, view) {
      const series = byKey.get(streamKey);
      if (series === undefined) return;
      series.view = view;
      if (view.live !== undefined) setInfo(table, series, view.live.followed, clientIp.show);
      setViewRow(series.row, view);
      setWatermarkRow(series.row, view.watermark);
      setPublishers(series, view.live);
    },
    update(target) {
      const streamKey = keyOf(target.stream);
      const series = byKey.get(streamKey);
      if (series === undefined) return;
      const { degradedMs } = series;
      const before = series.target.expectation;
      series.target = target;
      expectationRows.set(series.row, target);
      setConditions(streamKey, series);
      if (degradedMs === undefined) return;
      conditionHold.update(streamKey, { before, after: target.expectation, degradedMs });
    },
    remove(streamKey) {
      const series = byKey.get(streamKey);
      if (series === undefined) return;
      setPublishers(series, undefined);
      expectationRows.remove(series.row);
      table.freeRow(series.row);
      byKey.delete(streamKey);
      counterHold.remove(streamKey);
      conditionHold.remove(streamKey);
    },
    setClientIp(settings) {
      clientIp = settings;
    },
    shownAddress: (address) => shownClientIp(address, clientIp.show),
    expire(now) {
      expectationRows.expire(now);
      for (const series of byKey.values()) {
        const { view } = series;
        if (view === undefined || isKnown(view, now)) continue;
        setViewRow(series.row, undefined);
        setPublishers(series, undefined);
        series.view = undefined;
      }
    },
  };
}

function newStreamSeries(target: PushTarget, row: RowId): StreamSeries {
  return {
    target,
    row,
    degradedMs: undefined,
    view: undefined,
    publishers: [],
    infoClientIp: undefined,
    infoServerIp: undefined,
  };
}

/** Sets the labels of push_info to the followed publisher. */
function setInfo(
  table: SeriesTable<keyof typeof streamTexts>,
  series: StreamSeries,
  followed: PushSample,
  show: ClientIpSettings['show'],
): void {
  const address = shownClientIp(followed.clientIp, show);
  const { serverIp = '' } = followed;
  const isUnchanged = series.infoClientIp === address && series.infoServerIp === serverIp;
  // Equal strings are replaced too: the view holds the new ones, so the old ones become garbage.
  series.infoClientIp = address;
  series.infoServerIp = serverIp;
  if (isUnchanged) return;
  table.setText(series.row, 'pushInfo', {
    client_ip: address,
    server_ip: serverIp,
    push_domain: '',
    resolution: '',
    video_codec: '',
    audio_codec: '',
  });
}
