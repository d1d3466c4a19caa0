/**
 * Documented failures. The front end authenticates requests; its texts have no documented code, so they get -1. The
 * codes and texts of the back end are those of the page, including the misspelled
 * "internel".
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

/** Code of a failure, or its text if it has no documented code. */
export type StatcgiFailure = keyof typeof statcgiFailures;

export function isStatcgiFailure(text: string): text is StatcgiFailure {
  return Object.hasOwn(statcgiFailures, text);
}
