import type { EpochMs } from '../../../model/time.ts';

/** Formats a time in UTC with whole seconds, such as `2026-03-01T12:00:00Z`, which both sites accept. */
export function toApiTime(at: EpochMs): string {
  return `${new Date(at).toISOString().slice(0, 19)}Z`;
}
