/** Streams of one application whose live streams are discovered. */
interface AppCounts {
  /** Number of its streams that have a place. */
  readonly streams: number;
  /** Number of its streams with a place that are no targets yet. */
  readonly pending: number;
  /** Number of its live streams without a place. */
  readonly dropped: number;
}

export type DiscoveryQuota = ReturnType<typeof createDiscoveryQuota>;

/**
 * Creates the part of `limits.max_streams` that discovered streams can use: the streams of the config come
 * first, then discovered streams, then streams that are known only from control actions. Streams that have a
 * place keep it. `onChange` is called when one of the numbers can have changed.
 */
export function createDiscoveryQuota(onChange: () => void) {
  const apps = new Map<string, AppCounts>();
  let places = 0;
  const sum = (of: keyof AppCounts) => apps.values().reduce((total, app) => total + app[of], 0);
  return {
    /** Returns the number of places that are free. */
    free: () => Math.max(0, places - sum('streams')),
    /** Returns the number of discovered streams that have a place. */
    streams: () => sum('streams'),
    /** Returns the number of discovered streams that are targets. */
    targets: () => sum('streams') - sum('pending'),
    /** Returns the number of live streams without a place. */
    dropped: () => sum('dropped'),
    set(appKey: string, counts: AppCounts): void {
      apps.set(appKey, counts);
      onChange();
    },
    /** Removes an application that is no longer in the config. */
    remove(appKey: string): void {
      apps.delete(appKey);
      onChange();
    },
    /** Sets the limit, and the number of streams in the config. */
    reset(maxStreams: number, configured: number): void {
      places = maxStreams - configured;
    },
  };
}
