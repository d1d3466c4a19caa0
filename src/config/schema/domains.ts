import * as z from 'zod';
import { capabilityOf } from '../../model/capabilities.ts';
import { dayMs, hourMs, minuteMs, secondMs } from '../../model/time.ts';
import { toDurationText } from '../../text/units.ts';
import { duration, hostName, label, section } from './values.ts';

/** What was counted is remembered for a day, so nothing from before that can be told from it. */
export const maxControlReachMs = dayMs;

export const ControlHistory = section({
  interval: duration(secondMs, hourMs)
    .prefault(toDurationText(capabilityOf('DescribeLiveStreamsControlHistory').intervalMs))
    .describe('How often the domain is asked about, where the budget allows.'),
  lookback: duration(minuteMs, maxControlReachMs)
    .prefault('10m')
    .describe('How far before what was asked already each call begins again, on top of expected_delay.'),
}).describe('How the control history of the domain is collected.');

export const DomainSchema = section({
  account: label().describe('Name of the account that the domain belongs to.'),
  domain: hostName().describe('Label "domain": the main streaming domain, not an ingest domain of it.'),
  app_name: z
    .string()
    .max(255)
    .default('')
    .describe('Only what was done to streams of this application. Empty: of all.'),
  control_history: ControlHistory.prefault({}),
}).describe('One domain whose control actions are collected.');

export type DomainInput = z.output<typeof DomainSchema>;
