import type { Config } from '../config/config.ts';
import type { BugLog } from '../log/bug-log.ts';
import type { Metrics } from '../metrics/metrics.ts';
import { pushLedgersOf } from '../model/saved-record.ts';
import { controlTargetKey, pushTargetKey } from '../model/target.ts';
import { createRecordCache, type RecordCache } from '../polling/record-cache.ts';
import type { LoadedConfig, ReadConfig } from './reloads.ts';
import { openState, type StateParts } from './state.ts';

/** Opens the state, and creates the record cache that saves to this state and publishes to the metrics. */
export async function openRecords(
  options: StateParts,
  { exporter, series, control }: Metrics,
  bugs: Pick<BugLog, 'report'>,
) {
  const opened = await openState(options, {
    onReset: exporter.countStateReset,
    onRecreated: exporter.countStateRecreation,
  });
  const { state, scrapers } = opened;
  let savedAt = opened.savedAt;
  if (savedAt !== undefined) exporter.setStateSaved(savedAt);
  const cache: RecordCache = createRecordCache({
    load: state.load,
    saveBatch: state.save,
    freeze: state.freeze,
    onEvicted: state.forget,
    liveKeys: state.liveKeys,
    maintainStore: state.maintain,
    publish(record) {
      if (record.question === 'control_history') control.setRecord(record.targetKey, record);
      else for (const [key, ledger] of pushLedgersOf(record)) series.setLedger(key, ledger);
    },
    onUnpublished: (error) => bugs.report('update of counters', error),
    onSaved(now) {
      savedAt = now;
      exporter.setStateSaved(now);
      state.saved();
    },
    onFailed: state.failed,
    yieldNow: options.clock.yieldNow,
  });
  return {
    state,
    cache,
    scrapers,
    /** Returns the time of the last save; undefined if there was none or the time is unknown. */
    savedAt: () => savedAt,
    /** Reads the records of all targets of a config. Rejects if the disk cannot be read. */
    async loadRecords({ pushTargets, controlTargets }: Config): Promise<void> {
      const load = (keys: readonly string[]) => cache.load(keys, options.clock.now());
      for (let i = 0; i < pushTargets.length; i += targetsPerLoad) {
        await load(pushTargets.slice(i, i + targetsPerLoad).map(pushTargetKey));
      }
      await load(controlTargets.map(controlTargetKey));
    },
  };
}

/** Number of targets whose keys are computed between two yields to the event loop. */
const targetsPerLoad = 500;

/** Returns a config whose saved records are in memory, or the problem that they cannot be read. */
export async function withRecords(
  loaded: LoadedConfig,
  loadRecords: (config: Config) => Promise<void>,
): Promise<Exclude<Awaited<ReturnType<ReadConfig>>, 'stopping'>> {
  try {
    await loadRecords(loaded.config);
    return loaded;
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    const text = `the saved totals cannot be read: ${why}; check the disk of --storage.path`;
    return { problems: [{ line: undefined, column: undefined, path: '', text }] };
  }
}
