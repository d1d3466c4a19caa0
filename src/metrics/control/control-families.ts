import {
  type ActionTotal,
  type ControlLedger,
  type DomainLedger,
  isForbidden,
} from '../../model/control-ledger.ts';
import type { EpochMs } from '../../model/time.ts';
import type { Family } from '../table/family.ts';

const stream = ['account', 'provider', 'domain', 'app_name', 'stream'] as const;
const domain = ['account', 'provider', 'domain'] as const;

/** The label texts of control actions, and the names in each. A table has one of them. */
export const controlTexts = {
  streamAction: [...stream, 'action'],
  controlledStream: stream,
  domainAction: [...domain, 'action'],
  controlledDomain: domain,
} as const;

type ControlText = keyof typeof controlTexts;

/** Of each action of a stream. */
export const streamActionFamilies: readonly Family<ActionTotal, 'streamAction'>[] = [
  {
    name: 'livestream_control_actions',
    help: 'Actions upon the stream that the provider recorded, each counted once.',
    type: 'counter',
    text: 'streamAction',
    points: [{ value: shownCount }],
  },
  {
    name: 'livestream_control_last_action_timestamp_seconds',
    help: 'When the newest of these actions was done, by the provider.',
    type: 'gauge',
    text: 'streamAction',
    points: [{ value: ({ lastAt }) => (lastAt === undefined ? undefined : lastAt / 1000) }],
  },
];

/** Of each stream that something was done to. */
export const controlledStreamFamilies: readonly Family<ControlLedger, 'controlledStream'>[] = [
  {
    name: 'livestream_control_forbidden',
    help: 'Whether the stream may not be pushed, by its recorded actions: 1 after a forbid, 0 after a resume. Absent while that is not known.',
    type: 'gauge',
    text: 'controlledStream',
    points: [
      {
        value(ledger) {
          const forbidden = isForbidden(ledger, undefined);
          return forbidden === undefined ? undefined : Number(forbidden);
        },
      },
    ],
  },
];

/** Of each action on a domain. */
export const domainActionFamilies: readonly Family<ActionTotal, 'domainAction'>[] = [
  {
    name: 'livestream_control_domain_actions',
    help: 'Actions upon any stream of the domain that the provider recorded, each counted once.',
    type: 'counter',
    text: 'domainAction',
    points: [{ value: shownCount }],
  },
];

/** Of each domain, shown once its ledger is saved. */
export const domainFamilies: readonly Family<DomainLedger, 'controlledDomain'>[] = [
  {
    name: 'livestream_control_gap_seconds',
    help: 'Time of whose actions the provider could no longer be asked.',
    type: 'counter',
    text: 'controlledDomain',
    points: [{ value: ({ gapMs }) => gapMs / 1000 }],
  },
];

/** Of each domain, shown as soon as an answer came. */
export const domainWatermarkFamilies: readonly Family<EpochMs, 'controlledDomain'>[] = [
  {
    name: 'livestream_control_watermark_timestamp_seconds',
    help: 'The provider was asked with success for all actions up to this time; an empty answer counts.',
    type: 'gauge',
    text: 'controlledDomain',
    points: [{ value: (watermark) => watermark / 1000 }],
  },
];

/** All of them, as a list to hold docs, dashboards and rules against. */
export const controlFamilies: readonly Family<never, ControlText>[] = [
  ...streamActionFamilies,
  ...controlledStreamFamilies,
  ...domainActionFamilies,
  ...domainFamilies,
  ...domainWatermarkFamilies,
];

/** 0 until every scraper has seen it so. */
function shownCount({ count, leftZero }: ActionTotal): number {
  return leftZero ? count : 0;
}
