import type { PushSample } from '../../model/push-sample.ts';
import type { ListedApp, ListedPush } from '../../model/questions.ts';
import { bitrateUnits, bitsPerUnit } from './units.ts';

/** Operation whose bit rates are compared, and the unit in which they were read. */
interface ComparedOperation {
  readonly operation: string;
  readonly bitsPerUnit: number;
}

export type UnitCheck = ReturnType<typeof createUnitCheck>;

/** Maximum number of stored bit rates, one per stream. Above it, the oldest one is removed. */
const maxStreams = 1_000;

/** Number of streams whose bit rates are compared at least: one can change its bit rate meanwhile. */
const minStreams = 3;

/** Largest relative difference of a ratio from that of a wrong unit. */
const tolerance = 0.3;

/**
 * Creates the comparison of the bit rates of one account in the history of single streams and in the lists of
 * domains. The documentation leaves the unit of both open; if both are read in the right unit, their bit
 * rates are nearly equal.
 */
export function createUnitCheck() {
  /** Last known bit rates of the history in bit/s, by application and stream. */
  const known = new Map<string, Map<string, number>>();
  /** Applications and streams in `known`. The stream that was requested last is at the end. */
  const order = new Map<string, { readonly app: string; readonly stream: string }>();

  const forget = (app: string, stream: string) => {
    const ofApp = known.get(app);
    ofApp?.delete(stream);
    if (ofApp?.size === 0) known.delete(app);
  };

  return {
    /** Remembers the newest bit rate of a stream in an answer of history. */
    remember(
      { stream, ...name }: ListedApp & { readonly stream: string },
      samples: readonly PushSample[],
    ): void {
      let newest: PushSample | undefined;
      for (const sample of samples) {
        if (!sample.bitsPerSecond) continue;
        if (newest === undefined || sample.measuredAt > newest.measuredAt) newest = sample;
      }
      if (newest?.bitsPerSecond === undefined) return;
      const app = keyOf(name);
      const ofApp = known.get(app) ?? new Map<string, number>();
      ofApp.set(stream, newest.bitsPerSecond);
      known.set(app, ofApp);
      const key = JSON.stringify([app, stream]);
      order.delete(key);
      order.set(key, { app, stream });
      if (order.size <= maxStreams) return;
      // Otherwise streams that have ended would take the places of all new ones.
      for (const [oldest, { app: oldApp, stream: oldStream }] of order.entries().take(1)) {
        order.delete(oldest);
        forget(oldApp, oldStream);
      }
    },
    /** Returns a warning if the bit rates of a list look as if one of the two units were wrong. */
    warningOf(
      app: ListedApp,
      pushes: readonly ListedPush[],
      { operation, bitsPerUnit: used }: ComparedOperation,
    ): string | undefined {
      const ofApp = known.get(keyOf(app));
      if (ofApp === undefined) return undefined;
      const ratios: number[] = [];
      for (const { stream, sample } of pushes) {
        const other = ofApp.get(stream);
        if (other !== undefined && sample.bitsPerSecond) ratios.push(sample.bitsPerSecond / other);
        if (ratios.length === maxStreams) break;
      }
      if (ratios.length < minStreams) return undefined;
      const median = ratios.sort((a, b) => a - b)[Math.floor(ratios.length / 2)] ?? 1;
      const unit = bitrateUnits.find((each) => {
        const ratio = used / bitsPerUnit[each];
        return ratio !== 1 && Math.abs(median / ratio - 1) <= tolerance;
      });
      return unit && differentUnitWarning(operation, unit, used / bitsPerUnit[unit]);
    },
  };
}

/** Returns the warning for bit rates of a list that are `ratio` times those of the history. */
export function differentUnitWarning(operation: string, unit: string, ratio: number): string {
  return (
    `the bit rates of ${operation} are ${ratio} times those of the history of the same streams, so one of the units ` +
    `is wrong: compare a stream with its encoder, then set bitrate_unit: {${operation}: ${unit}} of the account, ` +
    'or the unit of the history'
  );
}

function keyOf({ domain, appName }: ListedApp): string {
  return JSON.stringify([domain, appName]);
}
