import * as z from 'zod';
import type { ProviderAdvice } from '../provider.ts';
import { bitrateUnits, bitsPerUnit, unitOf } from './units.ts';

const Units = z.object({ bitrateUnits: z.record(z.string(), z.enum(bitrateUnits)).default({}) });

/** What remedies for failures of an account of Alibaba Cloud depend on. Source of the policy: RAM. */
export const advice: ProviderAdvice = {
  permissionService: 'RAM',
  policyFor: (operations) => ({
    Version: '1',
    Statement: [
      { Effect: 'Allow', Action: operations.map((operation) => `live:${operation}`), Resource: '*' },
    ],
  }),
  bitrateUnitsOf: (settings, operation) => ({
    current: unitOf(operation, Units.parse(settings).bitrateUnits),
    bitsPer: bitsPerUnit,
  }),
};
