import {
  type ActionTotal,
  type ControlLedger,
  type DomainLedger,
  isForbidden,
} from '../../model/control-ledger.ts';
import type { EpochMs } from '../../model/time.ts';
import { type Family, familiesOf } from '../table/family.ts';

const stream = ['account', 'provider', 'domain', 'app_name', 'stream'] as const;
const domain = ['account', 'provider', 'domain'] as const;

/** Label texts of control actions and their label names. Each has a table of its own. */
export const controlTexts = {
  streamAction: [...stream, 'action'],
  controlledStream: stream,
  domainAction: [...domain, 'action'],
  controlledDomain: domain,
} as const;

type ControlText = keyof typeof controlTexts;

/** Series of each action of a stream. */
export const streamActionFamilies: readonly Family<ActionTotal, 'streamAction'>[] = [
  familiesOf('streamAction').counter(
    'livestream_control_actions',
    'Total number of control actions recorded for the stream, each counted once.',
    exposedCount,
  ),
  familiesOf('streamAction').gauge(
    'livestream_control_last_action_timestamp_seconds',
    'Timestamp of the newest control action of this kind on the stream, as recorded by the provider.',
    ({ lastAt }) => (lastAt === undefined ? undefined : lastAt / 1000),
  ),
];

/** Series of each stream with a recorded action. */
export const controlledStreamFamilies: readonly Family<ControlLedger, 'controlledStream'>[] = [
  familiesOf('controlledStream').gauge(
    'livestream_control_forbidden',
    'Whether pushing the stream is forbidden, according to its recorded actions: 1 after a forbid, 0 after a resume. Absent if unknown.',
    (ledger) => toFlag(isForbidden(ledger, undefined)),
  ),
];

/** Series of each action on a domain. */
export const domainActionFamilies: readonly Family<ActionTotal, 'domainAction'>[] = [
  familiesOf('domainAction').counter(
    'livestream_control_domain_actions',
    'Total number of control actions recorded for all streams of the domain, each counted once.',
    exposedCount,
  ),
];

/** Series of each domain that are set after its ledger was saved. */
export const domainFamilies: readonly Family<DomainLedger, 'controlledDomain'>[] = [
  familiesOf('controlledDomain').counter(
    'livestream_control_gap_seconds',
    'Total time whose control actions can no longer be requested from the provider.',
    ({ gapMs }) => gapMs / 1000,
  ),
];

/** Series of each domain that are set with the response. */
export const domainWatermarkFamilies: readonly Family<EpochMs, 'controlledDomain'>[] = [
  familiesOf('controlledDomain').gauge(
    'livestream_control_watermark_timestamp_seconds',
    'Timestamp of the end of the last successful request window for control actions. An empty response counts.',
    (watermark) => watermark / 1000,
  ),
];

/** All control families. Tests compare docs, dashboards and rules with this list. */
export const controlFamilies: readonly Family<never, ControlText>[] = [
  ...streamActionFamilies,
  ...controlledStreamFamilies,
  ...domainActionFamilies,
  ...domainFamilies,
  ...domainWatermarkFamilies,
];

/** Returns 0 during the zero hold. */
function exposedCount({ count, leftZero }: ActionTotal): number {
  return leftZero ? count : 0;
}

function toFlag(flag: boolean | undefined): number | undefined {
  return flag === undefined ? undefined : Number(flag);
}
