import { isIPv4 } from 'node:net';
import type { Scenario, StreamGroup } from '../scenario/scenario.ts';
import { hashText, randomAt } from './random.ts';

/** One stream of a scenario. The streams of a group differ in name and address, and slightly in bit rate. */
export type SimulatedStream = ReturnType<typeof toNthStream>;

/** Returns all streams, with groups expanded, in the order of the scenario. */
export function toStreams({ streams, seed }: Scenario) {
  return streams.flatMap((group) =>
    Array.from({ length: group.count }, (_, index) => toNthStream(group, index + 1, seed)),
  );
}

/** Returns the name of the `n`th stream of a group. */
export function numbered(pattern: string, n: number): string {
  return pattern.replaceAll('{n}', String(n));
}

function toNthStream(group: StreamGroup, n: number, scenarioSeed: number) {
  const name = numbered(group.name, n);
  // Seed of the stream's random numbers.
  const seed = hashText(`${scenarioSeed} ${name}`);
  if (group.count === 1) return { ...group, name, seed };
  return {
    ...group,
    name,
    seed,
    bitsPerSecond: withJitter(group.bitsPerSecond, seed),
    clientIp: offsetAddress(group.clientIp, n),
    story: group.story.map((event) => ({
      ...event,
      clientIp: event.clientIp && offsetAddress(event.clientIp, n),
      secondPublisher: event.secondPublisher && offsetAddress(event.secondPublisher, n),
    })),
  };
}

/** Adds a jitter of at most 10 % and rounds to whole kilobits. */
function withJitter(bitsPerSecond: number, seed: number): number {
  const factor = 0.9 + 0.2 * randomAt(seed, 0, 'bit rate');
  return Math.round((bitsPerSecond * factor) / 1_000) * 1_000;
}

/** Returns the `n`th address after this one in the same /24, so that it stays in the documentation range. */
function offsetAddress(address: string, n: number): string {
  if (!isIPv4(address)) return address;
  const dot = address.lastIndexOf('.');
  const host = Number(address.slice(dot + 1));
  return `${address.slice(0, dot)}.${1 + ((host + n - 2 + 254) % 254)}`;
}
