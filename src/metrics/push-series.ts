import type { LivePush } from '../model/live-push.ts';
import { newPushLedger, type PushLedger, type PushTotals } from '../model/push-ledger.ts';
import type { PushSample } from '../model/push-sample.ts';
import type { PushView } from '../model/push-view.ts';
import { isDue, type Schedule } from '../model/schedule.ts';
import { streamKey as keyOf, type StreamId } from '../model/stream.ts';
import type { PushTarget } from '../model/target.ts';
import type { EpochMs } from '../model/time.ts';
import type { BirthsPort } from './births-port.ts';
import { type ClientIpSettings, shownClientIp } from './client-ip.ts';
import type { DrawnTables } from './exposition.ts';
import { streamLabels } from './identity-labels.ts';
import {
  expectationFamilies,
  ledgerFamilies,
  publisherFamilies,
  publisherTexts,
  streamTexts,
  viewFamilies,
  watermarkFamilies,
} from './push-families.ts';
import { createSeriesTable, type Row } from './series-table.ts';

/** The door to the series of all streams. What is said of a stream that was not begun, or was ended, is dropped. */
export interface PushSeries {
  readonly tables: DrawnTables;
  /** The stream's series appear; `ledger` is the one restored, which may have left 0 long ago. */
  begin(target: PushTarget, ledger?: PushLedger): void;
  /** The counters. To be called when the ledger is saved. */
  showLedger(streamKey: string, ledger: PushLedger): void;
  /** The gauges, at once: they need not be saved. */
  showView(streamKey: string, view: PushView): void;
  /** Labels or expectation changed; the identity can't. */
  retarget(target: PushTarget): void;
  /** All series of the stream end. */
  end(streamKey: string): void;
  /** How addresses are shown from each stream's next answer on. */
  showAddresses(clientIp: ClientIpSettings): void;
  /** Ends what is not known any more at `now`, and shows who is due. To be called once a second. */
  sweep(now: EpochMs): void;
}

interface Shown {
  target: PushTarget;
  readonly row: Row;
  ledger: PushLedger | undefined;
  /** Gauges end then; undefined while there are none. */
  unknownAt: EpochMs | undefined;
  /** Its schedule, where that has slots: the same object for all streams with the same slots. */
  slots: Schedule | undefined;
  /** By its slots, as last swept. */
  due: boolean | undefined;
  publishers: readonly PublisherRow[];
}

interface PublisherRow {
  /** As it is shown. */
  readonly address: string;
  readonly row: Row;
}

const noTotals: PushTotals = newPushLedger(0).totals;

export function createPushSeries({
  clientIp: firstClientIp,
  births,
  version,
  elapsed,
}: BirthsPort & { readonly clientIp: ClientIpSettings }): PushSeries {
  const streams = createSeriesTable(streamTexts);
  const publishers = createSeriesTable(publisherTexts);
  const drawPublisher = publishers.addFamilies(publisherFamilies);
  const drawView = streams.addFamilies(viewFamilies);
  const drawWatermark = streams.addFamilies(watermarkFamilies);
  const drawLedger = streams.addFamilies(ledgerFamilies);
  const drawExpectation = streams.addFamilies(expectationFamilies);
  const shownByKey = new Map<string, Shown>();
  /** By their JSON. */
  const schedules = new Map<string, Schedule>();
  let clientIp = firstClientIp;

  const tables: DrawnTables = {
    version: () => publishers.version() + streams.version(),
    snapshots: () => [publishers.snapshot(), streams.snapshot()],
  };

  const theSame = (schedule: Schedule): Schedule => {
    const text = JSON.stringify(schedule);
    const known = schedules.get(text);
    if (known === undefined) schedules.set(text, schedule);
    return known ?? schedule;
  };

  const showTarget = (shown: Shown) => {
    const { row, due } = shown;
    const { stream, labels, expectation } = shown.target;
    const { live } = expectation;
    shown.slots = typeof live === 'object' ? theSame(live) : undefined;
    streams.setText(row, 'streamInfo', { ...streamLabels(stream), ...labels });
    drawExpectation(row, { expectation, isDue: typeof live === 'object' ? due : live });
  };

  const showTotals = (shown: Shown) => {
    const { target, row, ledger } = shown;
    if (ledger === undefined) return;
    const { leftZero, totals, newestAt } = ledger;
    drawLedger(row, {
      totals: leftZero ? totals : noTotals,
      newestAt,
      expectation: target.expectation,
    });
  };

  const showLedger = (streamKey: string, shown: Shown, ledger: PushLedger) => {
    shown.ledger = ledger;
    showTotals(shown);
    if (ledger.leftZero) births.forget(streamKey);
    else births.born(streamKey, version(), elapsed());
  };

  /** One row for each address as it is shown, and none but those: of two publishers that look alike the newest sample. */
  const showPublishers = (shown: Shown, live: LivePush | undefined) => {
    const { show, on } = clientIp;
    const samples = new Map<string, PushSample>();
    for (const sample of live?.publishers ?? []) {
      const address = on === 'gauges' ? shownClientIp(sample.clientIp, show) : '';
      if (!samples.has(address)) samples.set(address, sample);
    }
    const rows = new Map(shown.publishers.map(({ address, row }) => [address, row]));
    for (const [address, row] of rows) {
      if (!samples.has(address)) publishers.freeRow(row);
    }
    shown.publishers = [...samples].map(([address, sample]) => {
      const row = rows.get(address) ?? newPublisherRow(shown.target.stream, address);
      drawPublisher(row, sample);
      return { address, row };
    });
  };

  const newPublisherRow = (stream: StreamId, address: string): Row => {
    const row = publishers.addRow();
    publishers.setText(row, 'publisher', { ...streamLabels(stream), client_ip: address });
    return row;
  };

  /** Of the publisher that is followed. */
  const nameFollowed = ({ row, target }: Shown, { followed }: LivePush) => {
    streams.setText(row, 'pushInfo', {
      ...streamLabels(target.stream),
      client_ip: shownClientIp(followed.clientIp, clientIp.show),
      server_ip: followed.serverIp ?? '',
      push_domain: '',
      resolution: '',
      video_codec: '',
      audio_codec: '',
    });
  };

  const endView = (shown: Shown) => {
    drawView(shown.row, undefined);
    showPublishers(shown, undefined);
    shown.unknownAt = undefined;
  };

  return {
    tables,
    begin(target, ledger) {
      const streamKey = keyOf(target.stream);
      if (shownByKey.has(streamKey)) throw new Error('a stream was begun that is shown already');
      const row = streams.addRow();
      streams.setText(row, 'stream', streamLabels(target.stream));
      const shown: Shown = {
        target,
        row,
        ledger: undefined,
        unknownAt: undefined,
        slots: undefined,
        due: undefined,
        publishers: [],
      };
      shownByKey.set(streamKey, shown);
      showTarget(shown);
      if (ledger !== undefined) showLedger(streamKey, shown, ledger);
    },
    showLedger(streamKey, ledger) {
      const shown = shownByKey.get(streamKey);
      if (shown !== undefined) showLedger(streamKey, shown, ledger);
    },
    showView(streamKey, view) {
      const shown = shownByKey.get(streamKey);
      if (shown === undefined) return;
      shown.unknownAt = view.unknownAt;
      if (view.live !== undefined) nameFollowed(shown, view.live);
      drawView(shown.row, view);
      drawWatermark(shown.row, view.watermark);
      showPublishers(shown, view.live);
    },
    retarget(target) {
      const shown = shownByKey.get(keyOf(target.stream));
      if (shown === undefined) return;
      shown.target = target;
      showTarget(shown);
      showTotals(shown);
    },
    end(streamKey) {
      const shown = shownByKey.get(streamKey);
      if (shown === undefined) return;
      for (const { row } of shown.publishers) publishers.freeRow(row);
      streams.freeRow(shown.row);
      shownByKey.delete(streamKey);
      births.forget(streamKey);
    },
    showAddresses(settings) {
      clientIp = settings;
    },
    sweep(now) {
      // A calendar has to be asked, and many streams share a schedule.
      const dueNow = new Map<Schedule, boolean>();
      for (const shown of shownByKey.values()) {
        if (shown.unknownAt !== undefined && now >= shown.unknownAt) endView(shown);
        const { slots } = shown;
        if (slots === undefined) continue;
        const due = dueNow.get(slots) ?? isDue(slots, now);
        dueNow.set(slots, due);
        if (shown.due === due) continue;
        shown.due = due;
        showTarget(shown);
      }
    },
  };
}
