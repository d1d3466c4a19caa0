import type { Log } from '../log.ts';
import { type Clock, type EpochMs, secondMs, type Window } from '../model/time.ts';
import { maxNamed } from './failure-group.ts';
import type { Fields } from './fields.ts';

/** Time in ms without a further gap after which the gaps are logged. */
const calmMs = 10 * secondMs;
/** Maximum time in ms that a gap waits for further ones. */
const maxGatherMs = 30 * secondMs;

/**
 * Creates the log of the gaps of one collector. After a long outage, all targets have a gap, so the gaps are
 * gathered for up to 30 s and logged as one line. Each line has the `common` fields.
 */
export function createGapLog(log: Log, common: Fields, clock: Pick<Clock, 'elapsed'>) {
  /** Gaps that were not logged yet, with the name of the target. */
  let gaps: { readonly target: string; readonly gap: Window }[] = [];
  let firstAt = 0;
  let lastAt = 0;

  function flush(): void {
    if (gaps.length === 0) return;
    const targets = [...new Set(gaps.map(({ target }) => target))];
    const names = targets.slice(0, maxNamed).join(', ');
    log.warn(
      'history gap: the exporter cannot count this time range, because the provider no longer retains it',
      {
        ...common,
        ...(targets.length === 1 ? { target: names } : { gaps: gaps.length, some_targets: names }),
        from: toIso(gaps.reduce((min, { gap }) => Math.min(min, gap.from), Infinity)),
        to: toIso(gaps.reduce((max, { gap }) => Math.max(max, gap.to), -Infinity)),
      },
    );
    gaps = [];
  }

  return {
    /** Adds a gap of the target with this name. */
    add(target: string, gap: Window): void {
      lastAt = clock.elapsed();
      if (gaps.length === 0) firstAt = lastAt;
      gaps.push({ target, gap });
    },
    /** Writes the line if it is due. Call this method once a second. */
    report(): void {
      const now = clock.elapsed();
      if (now - lastAt >= calmMs || now - firstAt >= maxGatherMs) flush();
    },
    /** Writes the line now. Call this method when the collector stops. */
    flush,
  };
}

function toIso(at: EpochMs): string {
  return new Date(at).toISOString();
}
