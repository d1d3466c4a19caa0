import { type Condition, canBeJudged, conditions, type Expectation } from '../model/expectation.ts';
import type { LivePush } from '../model/live-push.ts';
import { newPushLedger, type PushLedger, type PushTotals } from '../model/push-ledger.ts';
import type { PushSample } from '../model/push-sample.ts';
import { isKnown, type PushView } from '../model/push-view.ts';
import { isDue, type Schedule } from '../model/schedule.ts';
import { streamKey as keyOf, type StreamId } from '../model/stream.ts';
import type { PushTarget } from '../model/target.ts';
import type { EpochMs } from '../model/time.ts';
import type { BirthsPort } from './births-port.ts';
import { type ClientIpSettings, shownClientIp } from './client-ip.ts';
import type { DrawnTables } from './exposition.ts';
import { streamLabels } from './identity-labels.ts';
import {
  conditionFamilies,
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
  /**
   * The stream's series appear; `ledger` is the one restored, which may have left 0 long ago. `streamKey` is the
   * stream's key, to be held once, where it is made already.
   */
  begin(target: PushTarget, ledger?: PushLedger, streamKey?: string): void;
  /** The counters. To be called when the ledger is saved. */
  showLedger(streamKey: string, ledger: PushLedger): void;
  /** The gauges, at once: they need not be saved. */
  showView(streamKey: string, view: PushView): void;
  /** Labels or expectation changed; the identity can't. */
  retarget(target: PushTarget): void;
  /** These keys of `conditionBirths` were seen: their counters show what they are. */
  showSeen(conditionKeys: readonly string[]): void;
  /** All series of the stream end. */
  end(streamKey: string): void;
  /** How addresses are shown from each stream's next answer on. */
  showAddresses(clientIp: ClientIpSettings): void;
  /** The address as it is shown by now; empty: not at all. */
  shownAddress(address: string): string;
  /** Ends what is not known any more at `now`, and shows who is due. To be called once a second. */
  sweep(now: EpochMs): void;
}

interface Shown {
  target: PushTarget;
  readonly row: Row;
  /** As the ledger last had it, 0 before it left that; undefined before the first. The expectation decides what of it is shown. */
  degradedMs: DegradedMs | undefined;
  /** What the gauges show; undefined while there are none. */
  view: PushView | undefined;
  /** Its schedule, where that has slots: the same object for all streams with the same slots. */
  slots: Schedule | undefined;
  /** By its slots, as last swept. */
  due: boolean | undefined;
  publishers: readonly PublisherRow[];
  /** What push_info names; undefined before the first. */
  namedClientIp: string | undefined;
  namedServerIp: string | undefined;
  /** What the counters of conditions are shown at that can be judged only since a reload, until every scraper has seen them. */
  held: ReadonlyMap<Condition, number>;
}

interface PublisherRow {
  /** As it is shown. */
  address: string;
  readonly row: Row;
}

type DegradedMs = PushTotals['degradedMs'];

const noTotals: PushTotals = newPushLedger(0).totals;

/** One for all, since there seldom is any. */
const noneHeld: Shown['held'] = new Map();

export interface PushSeriesParts extends BirthsPort {
  readonly clientIp: ClientIpSettings;
  /** Of counters that appear after their stream's others. Not saved: after a restart they start at their value. */
  readonly conditionBirths: BirthsPort['births'];
}

/** `births` has stream keys, and `conditionBirths` keys of its own. */
export function createPushSeries({
  clientIp: firstClientIp,
  births,
  conditionBirths,
  version,
  elapsed,
}: PushSeriesParts): PushSeries {
  const streams = createSeriesTable(streamTexts, { pushInfo: 'stream', streamInfo: 'stream' });
  const publishers = createSeriesTable(publisherTexts);
  const drawPublisher = publishers.addFamilies(publisherFamilies);
  const drawView = streams.addFamilies(viewFamilies);
  const drawWatermark = streams.addFamilies(watermarkFamilies);
  const drawLedger = streams.addFamilies(ledgerFamilies);
  const drawConditions = streams.addFamilies(conditionFamilies);
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
    const { labels, expectation } = shown.target;
    const { live } = expectation;
    shown.slots = typeof live === 'object' ? theSame(live) : undefined;
    streams.setText(row, 'streamInfo', labels);
    drawExpectation(row, { expectation, isDue: typeof live === 'object' ? due : live });
  };

  const showConditions = ({ target: { expectation }, row, degradedMs, held }: Shown) => {
    if (degradedMs !== undefined)
      drawConditions(row, { degradedMs: withHeld(degradedMs, held), expectation });
  };

  const showLedger = (streamKey: string, shown: Shown, ledger: PushLedger) => {
    const totals = ledger.leftZero ? ledger.totals : noTotals;
    shown.degradedMs = totals.degradedMs;
    drawLedger(shown.row, { totals, newestAt: ledger.newestAt });
    showConditions(shown);
    if (ledger.leftZero) births.forget(streamKey);
    else births.born(streamKey, version(), elapsed());
  };

  /** Brings `held` to what the new expectation judges. To be called before it is shown, and brings whose series it will begin. */
  const holdNew = (shown: Shown, after: Expectation): readonly string[] => {
    const { target, degradedMs } = shown;
    if (degradedMs === undefined) return [];
    const held = new Map(shown.held);
    const begun: string[] = [];
    for (const condition of conditions) {
      const isJudged = canBeJudged(condition, after);
      if (isJudged === canBeJudged(condition, target.expectation)) continue;
      const key = conditionKey(keyOf(target.stream), condition);
      if (isJudged) {
        held.set(condition, degradedMs[condition]);
        begun.push(key);
      } else {
        held.delete(condition);
        conditionBirths.forget(key);
      }
    }
    shown.held = held.size === 0 ? noneHeld : held;
    return begun;
  };

  /** The label value; empty where addresses stand on push_info alone. */
  const addressOf = (sample: PushSample): string =>
    clientIp.on === 'gauges' ? shownClientIp(sample.clientIp, clientIp.show) : '';

  /** One row for each address as it is shown, and none but those: of two publishers that look alike the newest sample. */
  const showPublishers = (shown: Shown, live: LivePush | undefined) => {
    const [known, more] = shown.publishers;
    // Nearly always it is the one publisher that it was before, and needs no maps.
    if (live !== undefined && live.others.length === 0 && known !== undefined && more === undefined) {
      const address = addressOf(live.followed);
      if (known.address === address) {
        // The view holds it too, and the old one is free.
        known.address = address;
        drawPublisher(known.row, live.followed);
        return;
      }
    }
    changePublishers(shown, live === undefined ? [] : [live.followed, ...live.others]);
  };

  const changePublishers = (shown: Shown, pushed: readonly PushSample[]) => {
    const samples = new Map<string, PushSample>();
    for (const sample of pushed) {
      const address = addressOf(sample);
      const known = samples.get(address);
      if (known === undefined || sample.measuredAt > known.measuredAt) samples.set(address, sample);
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
    begin(target, ledger, streamKey = keyOf(target.stream)) {
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
        held: noneHeld,
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
      shown.view = view;
      if (view.live !== undefined) nameFollowed(shown, view.live);
      drawView(shown.row, view);
      drawWatermark(shown.row, view.watermark);
      showPublishers(shown, view.live);
    },
    retarget(target) {
      const shown = shownByKey.get(keyOf(target.stream));
      if (shown === undefined) return;
      const begun = holdNew(shown, target.expectation);
      shown.target = target;
      showTarget(shown);
      showConditions(shown);
      for (const key of begun) conditionBirths.born(key, version(), elapsed());
    },
    showSeen(conditionKeys) {
      for (const key of conditionKeys) {
        conditionBirths.forget(key);
        const [streamKey, condition] = parseConditionKey(key);
        const shown = shownByKey.get(streamKey);
        if (!shown?.held.has(condition)) continue;
        const held = new Map(shown.held);
        held.delete(condition);
        shown.held = held.size === 0 ? noneHeld : held;
        showConditions(shown);
      }
    },
    end(streamKey) {
      const shown = shownByKey.get(streamKey);
      if (shown === undefined) return;
      for (const { row } of shown.publishers) publishers.freeRow(row);
      streams.freeRow(shown.row);
      shownByKey.delete(streamKey);
      births.forget(streamKey);
      for (const condition of shown.held.keys()) conditionBirths.forget(conditionKey(streamKey, condition));
    },
    showAddresses(settings) {
      clientIp = settings;
    },
    shownAddress: (address) => shownClientIp(address, clientIp.show),
    sweep(now) {
      // A calendar has to be asked, and many streams share a schedule.
      const dueNow = new Map<Schedule, boolean>();
      for (const shown of shownByKey.values()) {
        if (shown.view !== undefined && !isKnown(shown.view, now)) endView(shown);
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

function withHeld(degradedMs: DegradedMs, held: Shown['held']): DegradedMs {
  return held.size === 0 ? degradedMs : { ...degradedMs, ...Object.fromEntries(held) };
}

function conditionKey(streamKey: string, condition: Condition): string {
  return JSON.stringify([streamKey, condition]);
}

/** Of a key that `conditionKey` made; any other text is a bug. */
function parseConditionKey(key: string): readonly [streamKey: string, condition: Condition] {
  // The types are those that conditionKey wrote.
  return JSON.parse(key) as [string, Condition];
}
