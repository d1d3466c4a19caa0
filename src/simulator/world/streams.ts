import { isIPv4 } from 'node:net';
import type { Scenario, StreamGroup } from '../scenario/scenario.ts';
import { hashText, randomAt } from './random.ts';

/**
 * One simulated stream. The streams of a group have different names, seeds and client addresses, and slightly
 * different bit rates.
 */
export type SimulatedStream = ReturnType<typeof toNthStream>;

/**
 * Returns all streams of a scenario in the order of the scenario. A group of streams becomes `count` separate
 * streams.
 */
export function toStreams({ streams, seed }: Scenario) {
  return streams.flatMap((group) =>
    Array.from({ length: group.count }, (_, index) => toNthStream(group, index + 1, seed)),
  );
}

/**
 * Returns the name of stream number `n` of a group: `pattern` with `{n}` replaced by the number. Numbers
 * start at 1.
 */
export function numbered(pattern: string, n: number): string {
  return pattern.replaceAll('{n}', String(n));
}

function toNthStream(group: StreamGroup, n: number, scenarioSeed: number) {
  const name = numbered(group.name, n);
  // Derive the seed of a stream from its name, so that the random numbers of different streams are
  // independent.
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

/** Changes a bit rate (bit/s) randomly by at most 10 % and rounds it to whole kbit/s. */
function withJitter(bitsPerSecond: number, seed: number): number {
  const factor = 0.9 + 0.2 * randomAt(seed, 0, 'bit rate');
  return Math.round((bitsPerSecond * factor) / 1_000) * 1_000;
}

/**
 * Returns a different IPv4 address for each stream number `n`. Addresses count up from `address` (n = 1)
 * within the same /24, so that they stay in the range that is reserved for documentation. Returns a text that
 * is not an IPv4 address unchanged.
 */
function offsetAddress(address: string, n: number): string {
  if (!isIPv4(address)) return address;
  const dot = address.lastIndexOf('.');
  const host = Number(address.slice(dot + 1));
  return `${address.slice(0, dot)}.${1 + ((host + n - 2 + 254) % 254)}`;
}

/** Bit rate in bit/s of the audio of a simulated stream, if the stream has that much. */
const audioBitsPerSecond = 128_000;

/** Returns the part of a bit rate in bit/s that is audio. */
export function audioBitsOf(bitsPerSecond: number): number {
  return Math.min(audioBitsPerSecond, bitsPerSecond);
}
