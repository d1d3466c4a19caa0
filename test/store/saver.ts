import { writeSync } from 'node:fs';
import { setImmediate as yieldToLoop } from 'node:timers/promises';
import { createRecordCache } from '../../src/polling/record-cache.ts';
import { lockState } from '../../src/store/lock.ts';
import { disklessParts } from '../support/record-cache.ts';
import { noon } from '../support/samples.ts';
import { openWithDamage } from '../support/state.ts';
import { recordsOf, versionOf, versionsIn } from './versions.ts';

/**
 * Program that saves one version of all records after the other to the state in the given directory, until it is
 * killed. It reports each started save, each published record and each finished save when it happens.
 */
const [directory = ''] = process.argv.slice(2);
lockState(directory, { pid: process.pid, startedAt: 'now' });
const { store, records: restored } = openWithDamage(directory);
let published = 0;
const cache = createRecordCache({
  ...disklessParts,
  load: async () => restored,
  saveBatch: store.save,
  maintainStore: async (work) => store.maintain(work),
  publish(record) {
    // A line for every record would take longer than its save.
    if (published++ % 50 === 0) report('published', JSON.stringify([versionOf(record), record.targetKey]));
  },
  onFailed: (error) => {
    throw error;
  },
  yieldNow: async () => void (await yieldToLoop()),
});

await cache.load(
  restored.map(({ targetKey }) => targetKey),
  noon,
);
const newest = Math.max(...restored.flatMap(versionsIn));
for (let version = newest + 1; ; version++) {
  const records = recordsOf(version);
  for (const record of records) cache.put(record);
  report('started', version);
  await cache.flush(noon);
  report('saved', version);
  // The journal is folded every few versions, so that kills also interrupt this.
  store.maintain({ at: noon, expireBefore: undefined, isUrgent: version % 3 === 0 });
}

/** Writes synchronously, so that a kill loses no report. */
function report(event: string, value: string | number): void {
  writeSync(1, `${event} ${value}\n`);
}
