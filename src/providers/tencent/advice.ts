import type { ProviderAdvice } from '../provider.ts';

/** What remedies for failures of an account of Tencent Cloud depend on. Source of the policy: CAM. */
export const advice: ProviderAdvice = {
  permissionService: 'CAM',
  policyFor: (operations) => ({
    version: '2.0',
    statement: [
      { effect: 'allow', action: operations.map((operation) => `live:${operation}`), resource: ['*'] },
    ],
  }),
};
