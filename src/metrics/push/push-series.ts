import type { LivePush } from '../../model/live-push.ts';
import { newPushLedger, type PushLedger, type PushTotals } from '../../model/push-ledger.ts';
import type { PushSample } from '../../model/push-sample.ts';
import { isKnown, type PushView } from '../../model/push-view.ts';
import { isDue, type Schedule } from '../../model/schedule.ts';
import { streamKey as keyOf } from '../../model/stream.ts';
import type { PushTarget } from '../../model/target.ts';
import type { EpochMs } from '../../model/time.ts';
import type { RenderedTables } from '../exposition/exposition.ts';
import { streamLabels } from '../table/identity-labels.ts';
import { createSeriesTable, type RowId } from '../table/series-table.ts';
import type { ZeroHoldPort } from '../zero-hold-port.ts';
import { type ClientIpSettings, shownClientIp } from './client-ip.ts';
import { createHeldConditions } from './held-conditions.ts';
import { createPublisherRows, type PublisherRow } from './publisher-rows.ts';
import {
  conditionFamilies,
  expectationFamilies,
  ledgerFamilies,
  publisherTexts,
  streamTexts,
  viewFamilies,
  watermarkFamilies,
} from './push-families.ts';

/** The door to the series of all streams. What is said of a stream that was not begun, or was ended, is dropped. */
export interface PushSeries {
  readonly tables: RenderedTables;
  /**
   * The stream's series appear; `ledger` is the one restored, which may have left 0 long ago. `streamKey` is the
   * stream's key, to be held once, where it is made already.
   */
  add(target: PushTarget, ledger?: PushLedger, streamKey?: string): void;
  /** The counters. To be called when the ledger is saved. */
  setLedger(streamKey: string, ledger: PushLedger): void;
  /** Of a stream that is begun: how far it was asked before. From the next view on, that tells it. */
  setWatermark(streamKey: string, watermark: EpochMs): void;
  /** The gauges, at once: they need not be saved. */
  setView(streamKey: string, view: PushView): void;
  /** Labels or expectation changed; the identity can't. */
  update(target: PushTarget): void;
  /** These keys of `conditionBirths` were seen: their counters show what they are. */
  releaseConditions(conditionKeys: readonly string[]): void;
  /** All series of the stream end. */
  remove(streamKey: string): void;
  /** How addresses are shown from each stream's next answer on. */
  setClientIp(clientIp: ClientIpSettings): void;
  /** The address as it is shown by now; empty: not at all. */
  shownAddress(address: string): string;
  /** Ends what is not known any more at `now`, and shows who is due. To be called once a second. */
  expire(now: EpochMs): void;
}

interface Shown {
  target: PushTarget;
  readonly row: RowId;
  /** As the ledger last had it, 0 before it left that; undefined before the first. The expectation decides what of it is shown. */
  degradedMs: DegradedMs | undefined;
  /** What the gauges show; undefined while there are none. */
  view: PushView | undefined;
  /** Its schedule, where that has slots: the same object for all streams with the same slots. */
  slots: Schedule | undefined;
  /** By its slots, at the last sweep; undefined before the first. */
  due: boolean | undefined;
  publishers: readonly PublisherRow[];
  /** What push_info names; undefined before the first. */
  namedClientIp: string | undefined;
  namedServerIp: string | undefined;
}

type DegradedMs = PushTotals['degradedMs'];

const noTotals: PushTotals = newPushLedger(0).totals;

export interface PushSeriesParts extends ZeroHoldPort {
  readonly clientIp: ClientIpSettings;
  /** Of counters that appear after their stream's others. */
  readonly conditionHold: ZeroHoldPort['zeroHold'];
}

/** `births` has stream keys, and `conditionBirths` keys of its own. */
export function createPushSeries({
  clientIp: firstClientIp,
  zeroHold,
  conditionHold,
  version,
  elapsed,
}: PushSeriesParts): PushSeries {
  const streams = createSeriesTable(streamTexts, { pushInfo: 'stream', streamInfo: 'stream' });
  const publishers = createSeriesTable(publisherTexts);
  const drawView = streams.addFamilies(viewFamilies);
  const drawWatermark = streams.addFamilies(watermarkFamilies);
  const drawLedger = streams.addFamilies(ledgerFamilies);
  const drawConditions = streams.addFamilies(conditionFamilies);
  const drawExpectation = streams.addFamilies(expectationFamilies);
  const shownByKey = new Map<string, Shown>();
  /** By their JSON. */
  const schedules = new Map<string, Schedule>();
  let sweptAt: EpochMs | undefined;
  /** At the last sweep: a calendar has to be asked, and many streams share a schedule. */
  const dueNow = new Map<Schedule, boolean>();
  let clientIp = firstClientIp;

  /** The label value; empty where addresses stand on push_info alone. */
  const addressOf = (sample: PushSample): string =>
    clientIp.on === 'gauges' ? shownClientIp(sample.clientIp, clientIp.show) : '';

  const publisherRows = createPublisherRows(publishers, addressOf);
  const heldConditions = createHeldConditions({ zeroHold: conditionHold, version, elapsed });

  const tables: RenderedTables = {
    version: () => publishers.version() + streams.version(),
    snapshots: () => [publishers.snapshot(), streams.snapshot()],
  };

  const theSame = (schedule: Schedule): Schedule => {
    const text = JSON.stringify(schedule);
    const known = schedules.get(text);
    if (known === undefined) schedules.set(text, schedule);
    return known ?? schedule;
  };

  const dueBy = (slots: Schedule): boolean | undefined => {
    if (sweptAt === undefined) return undefined;
    const due = dueNow.get(slots) ?? isDue(slots, sweptAt);
    dueNow.set(slots, due);
    return due;
  };

  const showTarget = (shown: Shown) => {
    const { row } = shown;
    const { labels, expectation } = shown.target;
    const { live } = expectation;
    shown.slots = typeof live === 'object' ? theSame(live) : undefined;
    streams.setText(row, 'streamInfo', labels);
    showExpectation(shown);
  };

  const showExpectation = (shown: Shown) => {
    const { expectation } = shown.target;
    const { live } = expectation;
    shown.due = shown.slots && dueBy(shown.slots);
    drawExpectation(shown.row, { expectation, isDue: typeof live === 'object' ? shown.due : live });
  };

  const showConditions = (streamKey: string, { target: { expectation }, row, degradedMs }: Shown) => {
    if (degradedMs === undefined) return;
    drawConditions(row, { degradedMs: heldConditions.shownOf(streamKey, degradedMs), expectation });
  };

  const showLedger = (streamKey: string, shown: Shown, ledger: PushLedger) => {
    const totals = ledger.leftZero ? ledger.totals : noTotals;
    shown.degradedMs = totals.degradedMs;
    drawLedger(shown.row, { totals, newestAt: ledger.newestAt });
    showConditions(streamKey, shown);
    if (ledger.leftZero) zeroHold.remove(streamKey);
    else zeroHold.hold(streamKey, version(), elapsed());
  };

  const showPublishers = (shown: Shown, live: LivePush | undefined) => {
    shown.publishers = publisherRows.set(shown.publishers, shown.target.stream, live);
  };

  /** Of the publisher that is followed. */
  const nameFollowed = (shown: Shown, { followed }: LivePush) => {
    const address = shownClientIp(followed.clientIp, clientIp.show);
    const { serverIp = '' } = followed;
    const isNamed = shown.namedClientIp === address && shown.namedServerIp === serverIp;
    // Also where they are equal: then they are the ones that the view holds too, and the old ones are free.
    shown.namedClientIp = address;
    shown.namedServerIp = serverIp;
    // Texts are written when they change, not with each sample.
    if (isNamed) return;
    streams.setText(shown.row, 'pushInfo', {
      client_ip: address,
      server_ip: serverIp,
      push_domain: '',
      resolution: '',
      video_codec: '',
      audio_codec: '',
    });
  };

  const endView = (shown: Shown) => {
    drawView(shown.row, undefined);
    showPublishers(shown, undefined);
    shown.view = undefined;
  };

  return {
    tables,
    add(target, ledger, streamKey = keyOf(target.stream)) {
      if (shownByKey.has(streamKey)) throw new Error('a stream was begun that is shown already');
      const row = streams.addRow();
      streams.setText(row, 'stream', streamLabels(target.stream));
      const shown: Shown = {
        target,
        row,
        degradedMs: undefined,
        view: undefined,
        slots: undefined,
        due: undefined,
        publishers: [],
        namedClientIp: undefined,
        namedServerIp: undefined,
      };
      shownByKey.set(streamKey, shown);
      showTarget(shown);
      if (ledger !== undefined) showLedger(streamKey, shown, ledger);
    },
    setLedger(streamKey, ledger) {
      const shown = shownByKey.get(streamKey);
      if (shown !== undefined) showLedger(streamKey, shown, ledger);
    },
    setWatermark(streamKey, watermark) {
      const shown = shownByKey.get(streamKey);
      if (shown !== undefined) drawWatermark(shown.row, watermark);
    },
    setView(streamKey, view) {
      const shown = shownByKey.get(streamKey);
      if (shown === undefined) return;
      shown.view = view;
      if (view.live !== undefined) nameFollowed(shown, view.live);
      drawView(shown.row, view);
      drawWatermark(shown.row, view.watermark);
      showPublishers(shown, view.live);
    },
    update(target) {
      const streamKey = keyOf(target.stream);
      const shown = shownByKey.get(streamKey);
      if (shown === undefined) return;
      const { degradedMs } = shown;
      const before = shown.target.expectation;
      shown.target = target;
      showTarget(shown);
      showConditions(streamKey, shown);
      if (degradedMs === undefined) return;
      heldConditions.rejudge(streamKey, { before, after: target.expectation, degradedMs });
    },
    releaseConditions(conditionKeys) {
      for (const streamKey of heldConditions.release(conditionKeys)) {
        const shown = shownByKey.get(streamKey);
        if (shown !== undefined) showConditions(streamKey, shown);
      }
    },
    remove(streamKey) {
      const shown = shownByKey.get(streamKey);
      if (shown === undefined) return;
      showPublishers(shown, undefined);
      streams.freeRow(shown.row);
      shownByKey.delete(streamKey);
      zeroHold.remove(streamKey);
      heldConditions.end(streamKey);
    },
    setClientIp(settings) {
      clientIp = settings;
    },
    shownAddress: (address) => shownClientIp(address, clientIp.show),
    expire(now) {
      sweptAt = now;
      dueNow.clear();
      for (const shown of shownByKey.values()) {
        if (shown.view !== undefined && !isKnown(shown.view, now)) endView(shown);
        const { slots, due } = shown;
        if (slots !== undefined && dueBy(slots) !== due) showExpectation(shown);
      }
    },
  };
}
