import { expect, test } from 'vitest';
import { createStateSelection } from '../../src/collectors/state-selection.ts';
import { countBans } from '../../src/model/bans.ts';
import type { ControlLedger } from '../../src/model/control-ledger.ts';
import { addToTotals, type ControlRecord, newControlRecord } from '../../src/model/control-record.ts';
import { withChanges } from '../../src/model/layered-map.ts';
import type { StreamId } from '../../src/model/stream.ts';
import { streamKey } from '../../src/model/stream.ts';
import { withoutOldest } from '../../src/model/stream-eviction.ts';
import { controlAction, controlTarget, noActionLabels } from '../support/actions.ts';
import { noon, streamId } from '../support/samples.ts';

const streams = 5_000;
const target = controlTarget();
const idOf = (i: number): StreamId =>
  streamId({ account: target.account, provider: target.provider, domain: target.domain, stream: `s${i}` });

/** Creates the record of a large domain, and the changes of its later answers. Counts the ledgers that are read. */
function largeDomain() {
  const read = new Set<number>();
  const ledgerOf = (i: number): ControlLedger => {
    const ledger: ControlLedger = {
      stream: idOf(i),
      actions: { resume: { count: 1, lastAt: noon - 1000 * (streams - i), leftZero: true } },
    };
    return new Proxy(ledger, {
      get(of, field) {
        read.add(i);
        return Reflect.get(of, field);
      },
    });
  };
  const entries = (from: number, to: number) =>
    new Map(
      Array.from({ length: to - from }, (_, i) => [streamKey(idOf(from + i)), ledgerOf(from + i)] as const),
    );
  let record: ControlRecord = {
    ...newControlRecord(target, noon),
    streams: withChanges(new Map(), entries(0, streams)),
  };
  let answers = 0;
  return {
    /** Returns the number of ledgers that `read` reads from the record after an answer that changed two streams. */
    readsOf(use: (record: ControlRecord) => void): number {
      record = { ...record, streams: withChanges(record.streams, entries(answers, answers + 2)) };
      answers += 2;
      read.clear();
      use(record);
      return read.size;
    },
  };
}

const settings = { now: noon, countedActions: [], isComplete: true, isOnlyDomain: true, ...noActionLabels };
const ban = { stream: 's9', domain: target.domain, appName: 'live', forbiddenAt: noon, expiresAt: undefined };
const action = controlAction({ domain: target.domain, stream: 's9', action: 'forbid' });
const states = createStateSelection();

const uses: readonly { readonly what: string; readonly use: (record: ControlRecord) => void }[] = [
  { what: 'a list of bans', use: (record) => countBans(record, [ban], target, settings, new Map()) },
  {
    what: 'a ban without domain and application',
    use: (record) =>
      countBans(record, [{ ...ban, domain: undefined, appName: undefined }], target, settings, new Map()),
  },
  {
    what: 'an action without application',
    use: (record) => addToTotals(record, [{ ...action, appName: '' }], target, new Set()),
  },
  { what: 'the selection of states', use: (record) => states.next(target, record) },
  { what: 'a removal of the oldest streams', use: (record) => withoutOldest(record.streams, 3) },
];

test.each(uses)('$what reads few of the streams of a large domain', ({ use }) => {
  const domain = largeDomain();

  const first = domain.readsOf(use);
  const next = Array.from({ length: 20 }, () => domain.readsOf(use));

  // The first time, all are read. Then, only those of the last answers are.
  expect(first).toBe(streams);
  expect(Math.max(...next)).toBeLessThan(60);
});
