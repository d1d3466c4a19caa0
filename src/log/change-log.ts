import type { Log } from '../log.ts';
import { type FailureKind, isRetryable } from '../model/answer.ts';
import type { Fields } from './fields.ts';

/** Logs failures when they change: the hundredth identical failure is a number on a graph, not a line. */
export interface ChangeLog {
  /** The thing called `key` failed; logged when it is the first time, or when it fails in another way than before. */
  failed(key: string, kind: FailureKind, message: string, fields?: Fields): void;
  /** It answered; logged when it had failed. */
  succeeded(key: string, fields?: Fields): void;
  /** It is no longer asked: nothing more is said of it. */
  forget(key: string): void;
}

/** So many failing at once for one kind are named. Of a whole account that fails, the rest would say the same. */
const maxNamed = 10;
/** Beyond it the oldest failure is forgotten, and logged as a first one when it comes again. */
const maxRemembered = 50_000;

interface Failing {
  readonly kind: FailureKind;
  readonly way: string;
  /** Failures since the last success. */
  readonly times: number;
  /** Whether the log said its name. */
  readonly isNamed: boolean;
}

/** Those failing now for one kind. */
interface Crowd {
  named: number;
  counted: number;
  /** The most that were counted at once since none was. */
  mostCounted: number;
}

/**
 * One for each collector, with its names as `common` fields. Of those failing at once for the same kind the first ten
 * are named, when they fail and when they recover. The others are counted: a line when there is one of them, ten, a
 * hundred and so on, and one when none is left. So twenty thousand failing targets make about twenty lines.
 */
export function createChangeLog(log: Log, common: Fields = {}): ChangeLog {
  const failing = new Map<string, Failing>();
  const crowds = new Map<FailureKind, Crowd>();

  /** Whether it is one of those that are named. */
  function join(kind: FailureKind): boolean {
    const crowd = crowds.get(kind) ?? { named: 0, counted: 0, mostCounted: 0 };
    crowds.set(kind, crowd);
    if (crowd.counted === 0 && crowd.named < maxNamed) {
      crowd.named++;
      return true;
    }
    crowd.counted++;
    if (crowd.counted > crowd.mostCounted) {
      crowd.mostCounted = crowd.counted;
      if (isPowerOfTen(crowd.counted)) {
        say(log, kind, 'more fail for the same reason', { ...common, kind, more: crowd.counted });
      }
    }
    return false;
  }

  function leave({ kind, isNamed }: Failing): void {
    const crowd = crowds.get(kind);
    if (crowd === undefined) return;
    if (isNamed) {
      crowd.named--;
      return;
    }
    if (--crowd.counted > 0) return;
    log.info('the counted ones no longer fail for this reason', {
      ...common,
      kind,
      counted: crowd.mostCounted,
    });
    crowd.mostCounted = 0;
  }

  function forget(key: string): void {
    const known = failing.get(key);
    if (known === undefined) return;
    failing.delete(key);
    leave(known);
  }

  return {
    failed(key, kind, message, fields = {}) {
      const known = failing.get(key);
      const isSameKind = known?.kind === kind;
      if (known !== undefined && !isSameKind) leave(known);
      const now: Failing = {
        kind,
        way: wayOf(message),
        times: (known?.times ?? 0) + 1,
        isNamed: isSameKind ? known.isNamed : join(kind),
      };
      failing.set(key, now);
      if (failing.size > maxRemembered) forget(failing.keys().next().value ?? '');
      if (!now.isNamed || (isSameKind && known.way === now.way)) return;
      const facts = { ...common, ...fields, kind, error: message };
      if (known === undefined) say(log, kind, 'failing', facts);
      else say(log, kind, 'failing in another way', { ...facts, failures: now.times });
    },

    succeeded(key, fields = {}) {
      const known = failing.get(key);
      if (known === undefined) return;
      forget(key);
      if (known.isNamed) log.info('answers again', { ...common, ...fields, failures: known.times });
    },

    forget,
  };
}

/** What does not heal by itself needs somebody. */
function say(log: Log, kind: FailureKind, message: string, fields: Fields): void {
  if (isRetryable(kind)) log.warn(message, fields);
  else log.error(message, fields);
}

function isPowerOfTen(count: number): boolean {
  return /^10*$/.test(String(count));
}

/** Two messages that differ only in the id of a request, or in a moment, tell of the same failure. */
function wayOf(message: string): string {
  return message.replace(/[\da-f-]{8,}/gi, '#');
}
