import { forbiddenStreams } from '../model/control-ledger.ts';
import type { ControlRecord } from '../model/control-record.ts';
import { type StreamId, streamKey } from '../model/stream.ts';
import { type ControlTarget, defaultAppName } from '../model/target.ts';
import type { AccountTargets } from './collector-parts.ts';

/** Maximum number of streams whose states are requested in one run. */
const maxStates = 100;

/**
 * Creates the selection of streams whose states are requested, at most `maxStates` per run. Streams that are
 * known as forbidden are requested to notice a resume. The streams of the config are requested to notice a
 * ban while nobody pushes them. If there are more streams, each run continues where the previous run stopped.
 */
export function createStateSelection() {
  /** Streams of the config, by domain. */
  let configured = new Map<string, readonly StreamId[]>();
  /** Positions in both lists of streams at which the next run starts, by domain. */
  const positions = new Map<string, { forbidden: number; configured: number }>();

  return {
    /** Sets the streams of the config. Ignores a change of discovered streams, which contains no domains. */
    configure({ control, push }: Pick<AccountTargets, 'control' | 'push'>): void {
      if (control.length === 0) return;
      const domains = new Set(control.map(({ domain }) => domain));
      const own = push.flatMap(({ stream, isDiscovered }) =>
        isDiscovered || !domains.has(stream.domain)
          ? []
          : [{ ...stream, appName: stream.appName || defaultAppName }],
      );
      configured = Map.groupBy(own, ({ domain }) => domain);
    },
    /** Forgets a domain that was removed. */
    remove({ domain }: ControlTarget): void {
      configured.delete(domain);
      positions.delete(domain);
    },
    /** Returns the streams of a domain whose states the next run requests. */
    next({ domain }: ControlTarget, { streams }: ControlRecord): readonly StreamId[] {
      const at = positions.get(domain) ?? { forbidden: 0, configured: 0 };
      const all = configured.get(domain) ?? [];
      const first = itemsFrom(
        forbiddenStreams(streams).map(([, { stream }]) => stream),
        at.forbidden,
        Math.max(maxStates / 2, maxStates - all.length),
      );
      const second = itemsFrom(all, at.configured, maxStates - first.length);
      positions.set(domain, {
        forbidden: at.forbidden + first.length,
        configured: at.configured + second.length,
      });
      return [...new Map([...first, ...second].map((stream) => [streamKey(stream), stream])).values()];
    },
  };
}

/** Returns at most `max` items from the position `from` on. After the last item, continues with the first. */
function itemsFrom<T>(items: readonly T[], from: number, max: number): readonly T[] {
  const start = items.length === 0 ? 0 : from % items.length;
  return [...items.slice(start), ...items.slice(0, start)].slice(0, max);
}
