import {
  type ActionTotal,
  type ControlLedger,
  type DomainLedger,
  isForbidden,
} from '../../model/control-ledger.ts';
import type { EpochMs } from '../../model/time.ts';
import { type Family, familiesOf } from '../table/family.ts';

/** Names of the identity labels of a stream. */
const stream = ['account', 'provider', 'domain', 'app_name', 'stream'] as const;
/** Names of the identity labels of a domain. */
const domain = ['account', 'provider', 'domain'] as const;

/**
 * For each kind of label text, the names of the labels in it. A label text is the string of rendered labels
 * (`a="x",b="y"`) of one row. Each kind of label text has its own table.
 */
export const controlTexts = {
  streamAction: [...stream, 'action'],
  controlledStream: stream,
  domainAction: [...domain, 'action'],
  controlledDomain: domain,
} as const;

type ControlText = keyof typeof controlTexts;

/** Counters of each kind of control action on each stream. Set them only after the totals were saved. */
export const streamActionFamilies: readonly Family<ActionTotal, 'streamAction'>[] = [
  familiesOf('streamAction').counter(
    'livestream_control_actions',
    'Total number of control actions (such as forbid and resume) that the provider recorded for the stream, or that the ends of its pushes and the list of forbidden streams show, by action, each counted once.',
    exposedCount,
  ),
];

/** Gauges of each kind of control action on each stream. They are set after each answer, without waiting for a save. */
export const lastActionFamilies: readonly Family<ActionTotal, 'streamAction'>[] = [
  familiesOf('streamAction').gauge(
    'livestream_control_last_action_timestamp_seconds',
    'Timestamp of the newest control action on the stream, by action, in Unix seconds, as recorded by the provider. If only the list of forbidden streams shows a resume, this is the time of the first list without the ban.',
    ({ lastAt }) => (lastAt === undefined ? undefined : lastAt / 1000),
  ),
];

/** Gauges of each stream that has a recorded control action. They are set after each answer. */
export const controlledStreamFamilies: readonly Family<ControlLedger, 'controlledStream'>[] = [
  familiesOf('controlledStream').gauge(
    'livestream_control_forbidden',
    'Whether pushing the stream is forbidden: 1 while the list of forbidden streams contains it, otherwise 0. Without such a list, the newest control action or the requested state of the stream determines the value: 1 after a forbid, 0 after a resume or if the state is not forbidden; a forbid that expires without a resume stays 1. The series is absent if the exporter knows no forbid, no resume and no ban of the stream, or if the newest forbid and the newest resume happened in the same second.',
    (ledger) => toFlag(isForbidden(ledger, undefined)),
  ),
];

/** Counters of each kind of control action on each domain. Set them only after the totals were saved. */
export const domainActionFamilies: readonly Family<ActionTotal, 'domainAction'>[] = [
  familiesOf('domainAction').counter(
    'livestream_control_domain_actions',
    'Total number of control actions (such as forbid and resume) that the provider recorded for all streams of the domain together, or that the ends of pushes and the list of forbidden streams show, by action, each counted once.',
    exposedCount,
  ),
];

/**
 * Series of each domain from its control ledger, which contains the totals. Set these series only after the
 * ledger was saved.
 */
export const domainFamilies: readonly Family<DomainLedger, 'controlledDomain'>[] = [
  familiesOf('controlledDomain').counter(
    'livestream_control_gap_seconds',
    'Total time in seconds whose control actions are not counted, because the provider no longer retains them or because the domain was not in the config.',
    ({ gapMs }) => gapMs / 1000,
  ),
];

/**
 * Watermark of each domain: the end of the last successful request window. It is set after each response,
 * without waiting for a save.
 */
export const domainWatermarkFamilies: readonly Family<EpochMs, 'controlledDomain'>[] = [
  familiesOf('controlledDomain').gauge(
    'livestream_control_watermark_timestamp_seconds',
    'Timestamp up to which the exporter has requested the control actions of the domain, in Unix seconds: the end of the time range of the last successful request, even if the response was empty. The series is absent before the first successful request.',
    (watermark) => watermark / 1000,
  ),
];

/** All control families. Tests compare docs, dashboards and rules with this list. */
export const controlFamilies: readonly Family<never, ControlText>[] = [
  ...streamActionFamilies,
  ...lastActionFamilies,
  ...controlledStreamFamilies,
  ...domainActionFamilies,
  ...domainFamilies,
  ...domainWatermarkFamilies,
];

/**
 * Returns the exposed count of an action: 0 during the zero hold, that is, until every known scraper has
 * received the counter at 0.
 */
function exposedCount({ count, leftZero }: ActionTotal): number {
  return leftZero ? count : 0;
}

/** Returns 1 for true and 0 for false; undefined if the flag is unknown. */
function toFlag(flag: boolean | undefined): number | undefined {
  return flag === undefined ? undefined : Number(flag);
}
