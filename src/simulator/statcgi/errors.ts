/**
 * Code and text of each documented failure of the Tencent API. The first four failures come from the
 * provider's front end, which authenticates requests. No code is documented for them, so the simulator uses
 * -1. The other failures come from the back end; their codes and texts are copied from the documentation,
 * including the misspelling "internel".
 */
export const statcgiFailures = {
  'cmd is invalid': { code: -1, text: 'cmd is invalid' },
  'appid is invalid': { code: -1, text: 'appid is invalid' },
  'sign invalid': { code: -1, text: 'sign invalid' },
  'time expired': { code: -1, text: 'time expired' },
  '1000': { code: 1_000, text: 'user is not registered for statapi' },
  '1001': { code: 1_001, text: 'user service for statapi was stopped' },
  '1201': { code: 1_201, text: 'internel/system error' },
  '1202': { code: 1_202, text: 'invalid request/request frequency exceeds limit' },
  '1204': { code: 1_204, text: 'invalid input param' },
} as const;

/** Name of a failure: its documented code, or its text if no code is documented. */
export type StatcgiFailure = keyof typeof statcgiFailures;

export function isStatcgiFailure(text: string): text is StatcgiFailure {
  return Object.hasOwn(statcgiFailures, text);
}
