import { isIPv4 } from 'node:net';
import type { Scenario, StreamGroup } from '../scenario/scenario.ts';
import { chanceAt, hashText } from './chance.ts';

/** One stream of a scenario. Of a group each has its own name, address and, a little, bit rate. */
export interface SimulatedStream extends StreamGroup {
  /** What its chances grow from: the scenario's seed and its name. */
  readonly seed: number;
}

/** All streams, groups resolved, in the order of the scenario. */
export function toStreams({ streams, seed }: Scenario): SimulatedStream[] {
  return streams.flatMap((group) =>
    Array.from({ length: group.count }, (_, index) => nthOf(group, index + 1, seed)),
  );
}

/** The name of the `n`th of a group. */
export function numbered(pattern: string, n: number): string {
  return pattern.replaceAll('{n}', String(n));
}

function nthOf(group: StreamGroup, n: number, scenarioSeed: number): SimulatedStream {
  const name = numbered(group.name, n);
  const seed = hashText(`${scenarioSeed} ${name}`);
  if (group.count === 1) return { ...group, name, seed };
  return {
    ...group,
    name,
    seed,
    bitsPerSecond: aboutAsMuch(group.bitsPerSecond, seed),
    clientIp: shifted(group.clientIp, n),
    story: group.story.map((event) => ({
      ...event,
      clientIp: event.clientIp && shifted(event.clientIp, n),
      secondPublisher: event.secondPublisher && shifted(event.secondPublisher, n),
    })),
  };
}

/** Within a tenth, in whole kilobits. */
function aboutAsMuch(bitsPerSecond: number, seed: number): number {
  const share = 0.9 + 0.2 * chanceAt(seed, 0, 'bit rate');
  return Math.round((bitsPerSecond * share) / 1_000) * 1_000;
}

/** The `n`th address from this one, within the same /24, so that it stays in its documentation range. */
function shifted(address: string, n: number): string {
  if (!isIPv4(address)) return address;
  const dot = address.lastIndexOf('.');
  const host = Number(address.slice(dot + 1));
  return `${address.slice(0, dot)}.${1 + ((host + n - 2 + 254) % 254)}`;
}
