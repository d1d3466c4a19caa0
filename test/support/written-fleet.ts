import type { Fleet } from './fleet-history.ts';
import { type EncodedSeries, remoteWrite } from './remote-write.ts';
import { accountWriter, exporterWriter } from './written-exporter.ts';
import { domainWriter } from './written-rules.ts';
import { streamWriter } from './written-streams.ts';

/** Samples of the past are refused if they are much older than the newest one, so history is written in parts. */
const partMs = 30 * 60_000;

/** Number of series from which on a request is sent. */
const batchSize = 4000;

/** Writes the history of the fleet and of its exporter. */
export async function writeFleet(url: string, fleet: Fleet): Promise<void> {
  const writers = [
    ...Array.from({ length: fleet.streams }, (_, stream) => streamWriter(fleet, stream)),
    ...Array.from({ length: fleet.streams === 0 ? 0 : (fleet.accounts ?? 2) }, (_, i) =>
      accountWriter(fleet, i),
    ),
    domainWriter(fleet),
    exporterWriter(fleet),
  ];
  const begin = fleet.endMs - fleet.lengthMs;
  for (let from = begin; from <= fleet.endMs; from += partMs) {
    const to = Math.min(from + partMs - fleet.stepMs, fleet.endMs);
    const times: number[] = [];
    for (let time = from; time <= to; time += fleet.stepMs) times.push(time);
    let batch: EncodedSeries[] = [];
    for (const [i, write] of writers.entries()) {
      batch.push(...write(times));
      if (batch.length < batchSize && i < writers.length - 1) continue;
      await remoteWrite(url, batch);
      batch = [];
    }
  }
}
