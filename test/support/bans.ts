import { countBans, type MissingBans, withState } from '../../src/model/bans.ts';
import { isForbidden } from '../../src/model/control-ledger.ts';
import {
  type ControlRecord,
  countActions,
  newControlRecord,
  nextControlStep,
} from '../../src/model/control-record.ts';
import type { BanAction, ForbiddenStream } from '../../src/model/questions.ts';
import { type StreamId, streamKey } from '../../src/model/stream.ts';
import { controlAction, controlLimits, controlTarget, noActionLabels } from './actions.ts';
import { noon } from './samples.ts';

const minute = 60_000;

const target = controlTarget({ domain: 'push.example.com', appNames: ['live', 'show'] });

/** Ban that starts a minute after noon. */
export function ban(part: Partial<ForbiddenStream> = {}): ForbiddenStream {
  return {
    stream: 'news',
    domain: 'push.example.com',
    appName: 'live',
    forbiddenAt: noon + minute,
    expiresAt: noon + 600 * minute,
    ...part,
  };
}

/** Identity of a stream of the domain. */
export function idOf(stream: string, appName = 'live'): StreamId {
  return { account: 'aliyun', provider: 'alibaba', domain: 'push.example.com', appName, stream };
}

/** Domain whose lists are counted. The record was created at noon. */
export function banDomain(settings: { countedActions?: readonly BanAction[]; isOnlyDomain?: boolean } = {}) {
  let record: ControlRecord = newControlRecord(target, noon);
  let missing: MissingBans = new Map();
  return {
    list(now: number, bans: readonly ForbiddenStream[], isComplete = true) {
      const result = countBans(
        record,
        bans,
        target,
        {
          now,
          countedActions: ['forbid', 'resume'],
          isComplete,
          isOnlyDomain: true,
          ...noActionLabels,
          ...settings,
        },
        missing,
      );
      ({ record, missing } = result);
      return result;
    },
    /** Forgets what is in memory only. */
    restart() {
      missing = new Map();
    },
    act(now: number, part: Parameters<typeof controlAction>[0]) {
      const step = nextControlStep(record, target, controlLimits, now);
      const rows = [controlAction({ domain: 'push.example.com', stream: 'news', ...part })];
      ({ record } = countActions(record, step, target, { now, ...noActionLabels }, rows));
    },
    state(now: number, stream: StreamId, isForbiddenNow: boolean) {
      record = withState(record, stream, isForbiddenNow, now);
    },
    record: () => record,
    counts: () =>
      Object.fromEntries(
        Object.entries(record.domain.actions).flatMap(([name, { count }]) =>
          count > 0 ? [[name, count]] : [],
        ),
      ),
    isForbidden(stream = 'news', appName = 'live') {
      const ledger = record.streams.get(streamKey(idOf(stream, appName)));
      return ledger && isForbidden(ledger, undefined);
    },
  };
}
