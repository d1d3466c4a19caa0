/** Queue of the alerts of one Alertmanager. Times are of the monotonic clock, in ms. */
export interface Delivery {
  /** Marks an alert whose state changed, so that it is posted at once. */
  changed(id: string): void;
  /** Removes an alert that is not posted any more. */
  forget(id: string): void;
  /** Takes at most `max` alerts that are due at `now`: changed ones first. */
  take(now: number, max: number): readonly string[];
  /** Reports that the alerts were received at `now`. They are due again after the resend interval. */
  delivered(ids: readonly string[], now: number): void;
  /** Reports that the alerts were not received. They are due at once. */
  failed(ids: readonly string[]): void;
  /** Returns the time until an alert is due: 0 if there is one, Infinity if there are no alerts. */
  waitMs(now: number): number;
}

/**
 * Creates the queue of one Alertmanager. It contains each alert once, and the state is read when the alert is
 * posted, so an Alertmanager that was down gets the newest state and not what happened meanwhile.
 */
export function createDelivery(resendMs: number): Delivery {
  const pending = new Set<string>();
  /** Time of the last post of each alert that is not pending, the earliest one first. */
  const deliveredAt = new Map<string, number>();
  /** Alerts of the request in progress, without those that were forgotten meanwhile. */
  const inFlight = new Set<string>();

  return {
    changed(id) {
      deliveredAt.delete(id);
      pending.add(id);
    },
    forget(id) {
      pending.delete(id);
      deliveredAt.delete(id);
      inFlight.delete(id);
    },
    take(now, max) {
      const taken: string[] = [];
      for (const id of pending) {
        if (taken.length >= max) break;
        taken.push(id);
      }
      for (const [id, at] of deliveredAt) {
        if (taken.length >= max || now - at < resendMs) break;
        taken.push(id);
      }
      for (const id of taken) {
        pending.delete(id);
        deliveredAt.delete(id);
        inFlight.add(id);
      }
      return taken;
    },
    delivered(ids, now) {
      // An alert that changed during the request is pending again.
      for (const id of ids) if (inFlight.delete(id) && !pending.has(id)) deliveredAt.set(id, now);
    },
    failed(ids) {
      for (const id of ids) if (inFlight.delete(id)) pending.add(id);
    },
    waitMs(now) {
      if (pending.size > 0) return 0;
      for (const at of deliveredAt.values()) return Math.max(0, at + resendMs - now);
      return Number.POSITIVE_INFINITY;
    },
  };
}
