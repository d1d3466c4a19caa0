import type { EpochMs } from '../../src/model/time.ts';
import type { Truth, World } from '../../src/simulator/world/world.ts';
import { type DerivedTruth, deriveTruth } from './push-truth.ts';
import { dueWindow } from './story.ts';
import type { Values } from './verdict.ts';

/** Counter with its ground truth from the simulator. */
export interface KnownCounter {
  readonly metric: string;
  readonly labels: readonly string[];
  readonly truth: Values;
}

/** Returns the expected values when everything before `to` is counted. */
export function knownCounters(world: World, to: EpochMs): readonly KnownCounter[] {
  // Compute the totals of a stream once: a long story has thousands of samples.
  const totals = world.streams.map(({ name }) => [name, world.truthOf(name, world.startedAt, to)] as const);
  const push = (metric: string, name: keyof Truth, scale: number): KnownCounter => ({
    metric,
    labels: ['stream'],
    truth: new Map(totals.map(([stream, truth]) => [stream, truth[name] / scale])),
  });
  const derived = world.streams.map((stream) => ({
    stream: stream.name,
    ...deriveTruth(world.samplesOf(stream.name, world.startedAt, to), { ...stream, due: dueWindow(world) }),
  }));
  const fromDerived = (metric: string, inUnits: (truth: DerivedTruth) => number): KnownCounter => ({
    metric,
    labels: ['stream'],
    truth: new Map(derived.map((ofStream) => [ofStream.stream, inUnits(ofStream)])),
  });
  const byStream = new Map<string, number>();
  const byDomain = new Map<string, number>();
  for (const { name: domain } of world.scenario.domains) {
    for (const { stream, action, actions } of world.truthOfActions(domain, world.startedAt, to)) {
      byStream.set(`${domain} ${stream} ${action}`, actions);
      const ofDomain = `${domain} ${action}`;
      byDomain.set(ofDomain, (byDomain.get(ofDomain) ?? 0) + actions);
    }
  }
  return [
    push('livestream_push_samples_total', 'samples', 1),
    push('livestream_push_observed_seconds_total', 'observedMs', 1_000),
    {
      metric: 'livestream_push_measured_seconds_total',
      labels: ['stream', 'value'],
      truth: new Map(
        derived.flatMap(({ stream, measuredMs }) =>
          Object.entries(measuredMs).map(([value, ms]) => [`${stream} ${value}`, ms / 1_000]),
        ),
      ),
    },
    push('livestream_push_frames_total', 'milliframes', 1_000),
    push('livestream_push_bytes_total', 'bytes', 1),
    {
      metric: 'livestream_push_degraded_seconds_total',
      labels: ['stream', 'condition'],
      truth: new Map(
        derived.flatMap(({ stream, degradedMs }) =>
          Object.entries(degradedMs).map(([condition, ms]) => [`${stream} ${condition}`, ms / 1_000]),
        ),
      ),
    },
    fromDerived('livestream_push_bad_seconds_total', ({ badMs }) => badMs / 1_000),
    fromDerived('livestream_push_missing_seconds_total', ({ missingMs }) => missingMs / 1_000),
    fromDerived('livestream_push_sessions_total', ({ sessions }) => sessions),
    fromDerived('livestream_push_client_changes_total', ({ clientChanges }) => clientChanges),
    {
      metric: 'livestream_control_actions_total',
      labels: ['domain', 'stream', 'action'],
      truth: byStream,
    },
    {
      metric: 'livestream_control_domain_actions_total',
      labels: ['domain', 'action'],
      truth: byDomain,
    },
  ];
}
