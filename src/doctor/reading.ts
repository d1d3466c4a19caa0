import type { Answered, Check } from './facts.ts';
import type { Finding } from './finding.ts';

/** A check with an answer, and what findings about it have in common. */
export interface Reading {
  readonly check: Check;
  readonly answer: Answered;
  readonly common: Pick<Finding, 'account' | 'operations'>;
}

/** Causes that the text of a warning shows. The texts are those of the providers' readers. */
const warningCauses = [
  { pattern: /\bunit\b/, cause: 'unit' },
  { pattern: /\btime_zone\b|\bUTC\b/, cause: 'time_zone' },
  { pattern: /ingest domain: write/, cause: 'domain_kind' },
] as const;

export function causeOfWarning(text: string) {
  return warningCauses.find(({ pattern }) => pattern.test(text))?.cause ?? 'warning';
}
