import type { Log } from '../log.ts';
import type { BanSource } from '../status/inputs.ts';

export interface BanSourcesParts {
  readonly log: Log;
  /** Name of the account and of the operation that lists forbidden streams. */
  readonly account: string;
  readonly operation: string;
}

/**
 * Creates the memory of what shows whether streams are forbidden, by target. It logs once for all targets
 * that the provider does not offer the list of forbidden streams, and that it offers the list again.
 */
export function createBanSources({ log, ...labels }: BanSourcesParts) {
  const sources = new Map<string, BanSource>();
  const withoutList = new Set<string>();
  return {
    /** Returns the source of the last answer for a target; undefined before the first one. */
    of: (key: string): BanSource | undefined => sources.get(key),
    /** The target has a list. */
    listed(key: string): void {
      sources.set(key, 'list');
      if (!withoutList.delete(key) || withoutList.size > 0) return;
      log.info('the provider offers the list of forbidden streams to this account again', labels);
    },
    /** The target has no list, so `source` serves. `advice` says what to do about it. */
    notListed(key: string, source: Exclude<BanSource, 'list'>, advice: string | undefined): void {
      sources.set(key, source);
      if (withoutList.size === 0) {
        log.info('the provider does not offer the list of forbidden streams to this account', {
          ...labels,
          ...(advice !== undefined && { advice }),
        });
      }
      withoutList.add(key);
    },
    remove(key: string): void {
      sources.delete(key);
      withoutList.delete(key);
    },
  };
}
