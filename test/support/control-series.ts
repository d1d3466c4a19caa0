import { type ControlSeries, createControlSeries } from '../../src/metrics/control/control-series.ts';
import { type HeldAction, parseHeldActionKey } from '../../src/metrics/control/zero-held-action.ts';
import { createZeroHold } from '../../src/metrics/zero-hold.ts';
import type { ActionTotal, ActionTotals, ControlLedger } from '../../src/model/control-ledger.ts';
import { type ControlRecord, newControlRecord } from '../../src/model/control-record.ts';
import { type StreamId, streamKey } from '../../src/model/stream.ts';
import { controlTargetKey } from '../../src/model/target.ts';
import { controlTarget } from './actions.ts';
import { linesOf } from './exposition.ts';
import { noon, streamId } from './samples.ts';

export const target = controlTarget();
export const targetKey = controlTargetKey(target);

/** The record of `target` before anything happened. */
export const begun = newControlRecord(target, noon);

/** The labels of its domain, as they are drawn. */
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

/** The series of all control targets, with zeroHold that no time ends: `scrape` is a whole answer of all that is shown. */
export function setUpControlSeries() {
  const released: HeldAction[] = [];
  const zeroHold = createZeroHold((keys) => released.push(...keys.map(parseHeldActionKey)));
  const series: ControlSeries = createControlSeries({
    zeroHold,
    version: () => series.tables.version(),
    elapsed: () => 0,
  });
  const lines = (...wanted: readonly string[]) => linesOf(series.tables, ...wanted);
  const scrape = () => zeroHold.scrapeCompleted('curl', series.tables.version(), 0);
  return { series, zeroHold, released, lines, scrape };
}

export function controlled(part: Partial<StreamId> = {}): StreamId {
  return streamId({ account: 'aliyun', provider: 'alibaba', domain: 'play.example.com', ...part });
}

/** One that has left 0. */
export function total(count: number, part: Partial<ActionTotal> = {}): ActionTotal {
  return { count, lastAt: noon, leftZero: true, ...part };
}

export function ledger(stream: StreamId, actions: ActionTotals): ControlLedger {
  return { stream, actions };
}

/** What has happened on the domain by now. */
export function withStreams(...ledgers: readonly ControlLedger[]): ControlRecord {
  return { ...begun, streams: new Map(ledgers.map((ledger) => [streamKey(ledger.stream), ledger])) };
}
