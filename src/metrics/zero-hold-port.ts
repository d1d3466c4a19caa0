import type { Births } from './zero-hold.ts';

/** How the series of counters tell of their births. */
export interface BirthsPort {
  readonly births: Pick<Births, 'born' | 'forget'>;
  /** Of all tables that are drawn together, also those of other series: it is what a scraper has seen. */
  readonly version: () => number;
  /** Milliseconds on a clock that only goes forward, the same that `births` is told. */
  readonly elapsed: () => number;
}
