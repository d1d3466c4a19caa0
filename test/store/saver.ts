import { writeSync } from 'node:fs';
import { setImmediate as turn } from 'node:timers/promises';
import { createRecordCache } from '../../src/polling/record-cache.ts';
import { lockState } from '../../src/store/lock.ts';
import { openStateStore } from '../../src/store/state-store.ts';
import { noon } from '../support/samples.ts';
import { recordsOf, versionsIn } from './versions.ts';

/**
 * A program that saves one version of all records after the other to the state in the folder it is given, until it is
 * killed. It says what it begins, what it shows and what it has saved, each when it is true.
 */
const [folder = ''] = process.argv.slice(2);
lockState(folder, { pid: process.pid, startedAt: 'now' });
const { store, saved } = openStateStore(folder, noon);
let shown = 0;
const cache = createRecordCache({
  records: saved.records,
  saveBatch: store.save,
  remove: store.remove,
  publish(record) {
    // Some of each batch: a line for every record would take longer than its save.
    if (shown++ % 50 === 0) say('shown', JSON.stringify([versionsIn(record)[0], record.targetKey]));
  },
  onSaved: () => {},
  onFailed: (error) => {
    throw error;
  },
  yieldNow: async () => void (await turn()),
});

const newest = Math.max(...saved.records.flatMap(versionsIn));
for (let version = newest + 1; ; version++) {
  const records = recordsOf(version);
  for (const record of records) cache.put(record);
  say('begun', version);
  await cache.flush(noon);
  say('saved', version);
}

/** Out of the process at once, so that a kill takes back nothing that was said. */
function say(what: string, about: string | number): void {
  writeSync(1, `${what} ${about}\n`);
}
