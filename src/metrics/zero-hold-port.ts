import type { ZeroHold } from './zero-hold.ts';

/** How the series of counters tell of their births. */
export interface ZeroHoldPort {
  readonly zeroHold: Pick<ZeroHold, 'hold' | 'remove'>;
  /** Of all tables that are drawn together, also those of other series: it is what a scraper has seen. */
  readonly version: () => number;
  /** Milliseconds on a clock that only goes forward, the same that `births` is told. */
  readonly elapsed: () => number;
}
