import { createPoller, type PollerParts } from '../../src/polling/poller.ts';
import type { RunFailure } from '../../src/polling/run-failure.ts';
import { createManualClock } from './manual-clock.ts';

export interface Named {
  readonly key: string;
  readonly intervalMs: number;
  readonly hasPriority: () => boolean;
}

export function named(key: string, part: Partial<Named> = {}): Named {
  return { key, intervalMs: 5000, hasPriority: () => false, ...part };
}

/**
 * A poller with a manual clock and a rate of 20 requests/s. `ran` lists the runs in order. A target in `failing` rejects
 * with its error, a target in `lagging` is behind once, and no run ends while `hold.running` is pending.
 */
export function setUpPoller({
  targets = [],
  ...parts
}: Partial<PollerParts<Named>> & { readonly targets?: readonly Named[] }) {
  const clock = createManualClock();
  const ran: string[] = [];
  const failures: RunFailure[] = [];
  const lagging = new Set<string>();
  const failing = new Map<string, Error>();
  const hold: { running: PromiseWithResolvers<void> | undefined } = { running: undefined };
  const poller = createPoller<Named>({
    run: async ({ key }) => {
      ran.push(key);
      await hold.running?.promise;
      const error = failing.get(key);
      if (error !== undefined) throw error;
      return { isBehind: lagging.delete(key) };
    },
    hasPriority: (target) => target.hasPriority(),
    onSuccess: () => {},
    onFailure: (_, failure) => failures.push(failure),
    perSecond: () => 20,
    configuredPerSecond: () => 20,
    waiting: () => 0,
    runDeadlineMs: 30_000,
    clock,
    signal: new AbortController().signal,
    ...parts,
  });
  const current = new Map<string, Named>();
  /** Adds, updates and removes what differs from the targets before. */
  const setTargets = (wanted: readonly Named[]) => {
    const keys = new Set(wanted.map(({ key }) => key));
    for (const key of current.keys()) if (!keys.has(key)) poller.remove(key);
    for (const target of wanted) if (current.has(target.key)) poller.update(target);
    poller.add(wanted.filter(({ key }) => !current.has(key)));
    current.clear();
    for (const target of wanted) current.set(target.key, target);
  };
  setTargets(targets);
  return { poller, setTargets, clock, ran, failures, lagging, failing, hold };
}
