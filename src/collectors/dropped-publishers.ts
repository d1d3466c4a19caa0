import type { Log } from '../log.ts';
import type { AccountLabels } from '../metrics/exporter/exporter-metrics.ts';
import { publisherCount } from '../model/live-push.ts';
import { maxPublishers } from '../model/push-sample.ts';
import { isKnown, type PushView } from '../model/push-view.ts';
import type { PushTarget } from '../model/target.ts';
import type { EpochMs } from '../model/time.ts';

export interface DroppedPublishersParts {
  readonly account: AccountLabels;
  readonly log: Log;
}

/**
 * Counts the live publishers that have no series because their stream has more than `maxPublishers`. Logs
 * each such stream once.
 */
export function createDroppedPublishers({ account, log }: DroppedPublishersParts) {
  /** Views of the streams that have too many publishers, by stream key. Normally empty. */
  const views = new Map<string, PushView>();
  const logged = new Set<string>();

  return {
    /** Sets the view (gauge values) of the last answer of a stream. */
    set(streamKey: string, { stream }: PushTarget, view: PushView): void {
      const { live } = view;
      if (live?.dropped === undefined) {
        views.delete(streamKey);
        return;
      }
      views.set(streamKey, view);
      if (logged.has(streamKey)) return;
      logged.add(streamKey);
      log.warn('stream has too many publishers: some have no series, but all their samples count', {
        account: account.account,
        target: stream.stream,
        publishers: publisherCount(live),
        limit: maxPublishers,
      });
    },
    /** Forgets a stream that is no longer in the config. */
    remove(streamKey: string): void {
      views.delete(streamKey);
      logged.delete(streamKey);
    },
    /** Returns the number of live publishers without series at `now` (wall clock), of all streams. */
    count(now: EpochMs): number {
      let sum = 0;
      for (const view of views.values()) if (isKnown(view, now)) sum += view.live?.dropped ?? 0;
      return sum;
    },
  };
}
