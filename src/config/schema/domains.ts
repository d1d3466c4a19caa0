import type * as z from 'zod';
import { capabilityOf } from '../../model/capabilities.ts';
import { dayMs, hourMs, minuteMs, secondMs } from '../../model/time.ts';
import { toDurationText } from '../../text/units.ts';
import { label, optionalLabel } from './names.ts';
import { duration, hostName, section } from './values.ts';

/**
 * Maximum of lookback plus expected delay of a domain, in ms. Counted actions are stored for one day, so an
 * older action could not be recognized as a duplicate.
 */
export const maxControlReachMs = dayMs;

export const ControlHistory = section({
  interval: duration(secondMs, hourMs)
    .prefault(toDurationText(capabilityOf('DescribeLiveStreamsControlHistory').intervalMs))
    .describe('Polling interval of the domain, if the budget allows it.'),
  lookback: duration(minuteMs, maxControlReachMs)
    .prefault('10m')
    .describe(
      'Overlap of each request with the time that was already requested, in addition to expected_delay.',
    ),
}).describe('How the control history of the domain is collected.');

export const DomainSchema = section({
  account: label().describe('Name of the account that the domain belongs to.'),
  domain: hostName().describe('Label "domain": the main streaming domain, not one of its ingest domains.'),
  app_name: optionalLabel()
    .default('')
    .describe('Only actions on streams of this application. Empty: all applications.'),
  control_history: ControlHistory.prefault({}),
}).describe('One domain whose control actions are collected.');

export type DomainInput = z.output<typeof DomainSchema>;
