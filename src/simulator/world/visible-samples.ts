import type { EpochMs, Window } from '../../model/time.ts';
import type { SimulatedSample, World } from './world.ts';

/**
 * Returns the samples of a stream in a response at `now` to a request for push history, and the sample whose
 * row has no time yet. Some samples are returned twice. `retentionMs` is the age in ms at which the API no
 * longer returns a sample. Not documented: whether a window includes samples exactly at its start and end.
 * They are included, because the exporter must be able to handle them.
 */
export function visibleSamples(
  world: World,
  stream: string,
  { from, to }: Window,
  retentionMs: number,
  now: EpochMs,
): { readonly samples: readonly SimulatedSample[]; readonly unfinished: SimulatedSample | undefined } {
  const visible = world
    .samplesOf(stream, Math.max(from, now - retentionMs), Math.min(to, now) + 1)
    .filter((sample) => world.visibleAt(stream, sample) <= now);
  const newest = visible.at(-1);
  return {
    samples: [...visible, ...visible.filter((sample) => world.isDuplicated(stream, sample))],
    unfinished: newest && world.isUnfinished(stream, newest, now) ? newest : undefined,
  };
}
