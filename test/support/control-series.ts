import type { HeldAction } from '../../src/metrics/control/action-rows.ts';
import { type ControlSeries, createControlSeries } from '../../src/metrics/control/control-series.ts';
import { createZeroHold } from '../../src/metrics/zero-hold.ts';
import type { ActionTotal, ActionTotals, ControlLedger } from '../../src/model/control-ledger.ts';
import { type ControlRecord, newControlRecord } from '../../src/model/control-record.ts';
import { type StreamId, streamKey } from '../../src/model/stream.ts';
import { controlTargetKey } from '../../src/model/target.ts';
import { controlTarget } from './actions.ts';
import { linesOf, oneSlice } from './exposition.ts';
import { noon, streamId } from './samples.ts';

export const target = controlTarget();
export const targetKey = controlTargetKey(target);

/** Record of `target` before the first action. */
export const initialRecord = newControlRecord(target, noon);

/** Rendered labels of its domain. */
export const domainLabels = 'account="aliyun",provider="alibaba",domain="play.example.com"';

export const names = {
  actions: 'livestream_control_actions_total',
  domainActions: 'livestream_control_domain_actions_total',
  lastAction: 'livestream_control_last_action_timestamp_seconds',
  forbidden: 'livestream_control_forbidden',
  gap: 'livestream_control_gap_seconds_total',
  watermark: 'livestream_control_watermark_timestamp_seconds',
};

export const news = controlled();
export const sport = controlled({ stream: 'sport' });

/**
 * Control series with a zero hold that time does not end. `scrape` completes a response of the current
 * version.
 */
export function setUpControlSeries(slices = oneSlice) {
  const released: HeldAction[] = [];
  const zeroHold = createZeroHold({ version: () => series.tables.version(), elapsed: () => 0 });
  const series: ControlSeries = createControlSeries({
    zeroHold,
    onRelease: (actions) => released.push(...actions),
    slices,
  });
  const lines = (...wanted: readonly string[]) => linesOf(series.tables, ...wanted);
  const scrape = () => zeroHold.scrapeCompleted('curl', series.tables.version());
  /** Sets the series as an answer and the save after it do. */
  const setCounted = (record: ControlRecord, key = targetKey) => {
    series.setView(key, record);
    series.setRecord(key, record);
  };
  return { series, zeroHold, released, lines, scrape, setCounted };
}

export function controlled(part: Partial<StreamId> = {}): StreamId {
  return streamId({ account: 'aliyun', provider: 'alibaba', domain: 'play.example.com', ...part });
}

/** Total that has left 0. */
export function total(count: number, part: Partial<ActionTotal> = {}): ActionTotal {
  return { count, lastAt: noon, leftZero: true, ...part };
}

export function ledger(stream: StreamId, actions: ActionTotals): ControlLedger {
  return { stream, actions };
}

/** Record of `target` with these ledgers. */
export function withStreams(...ledgers: readonly ControlLedger[]): ControlRecord {
  return { ...initialRecord, streams: new Map(ledgers.map((ledger) => [streamKey(ledger.stream), ledger])) };
}
