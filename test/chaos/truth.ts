import type { EpochMs } from '../../src/model/time.ts';
import type { Truth, World } from '../../src/simulator/world.ts';
import type { Values } from './verdict.ts';

/** A counter that the simulator knows the truth of. */
export interface KnownCounter {
  readonly metric: string;
  readonly labels: readonly string[];
  readonly truth: Values;
}

/** What each has to show when all from before `to` is counted. */
export function knownCounters(world: World, to: EpochMs): readonly KnownCounter[] {
  const push = (metric: string, name: keyof Truth, scale: number): KnownCounter => ({
    metric,
    labels: ['stream'],
    truth: new Map(
      world.streams.map(({ name: stream }) => [
        stream,
        world.truthOf(stream, world.startedAt, to)[name] / scale,
      ]),
    ),
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
    push('livestream_push_frames_total', 'milliframes', 1_000),
    push('livestream_push_bytes_total', 'bytes', 1),
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
