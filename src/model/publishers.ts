import type { EpochMs } from './time.ts';

/** Recent publisher, identified by session or address, with the time of its newest settled sample. */
export type RecentPublisher = readonly [publisher: string, lastAt: EpochMs];

/** Identifies a publisher whose samples have neither session nor address. */
export const unnamedPublisher = '';

/**
 * Returns the index of the publisher that a sample of `name` belongs to; -1 for a new publisher. Publishers
 * with a sample since `activeFrom` are active. An unknown name matches a known name: a sample without a name
 * belongs to the active publisher with the newest sample. If a name is reported later than the first samples
 * of a push, the active publisher without a name gets the name (in `publishers`), so that no second push is
 * counted. The same applies to an active publisher with the name `address`, which is the address of the
 * sample: its session is reported later.
 */
export function findPublisher(
  publishers: RecentPublisher[],
  name: string,
  activeFrom: EpochMs,
  address?: string,
): number {
  const index = publishers.findIndex(([other]) => other === name);
  const isActive = (publisher: RecentPublisher | undefined) =>
    publisher !== undefined && publisher[1] >= activeFrom;
  if (isActive(publishers[index])) return index;
  if (name === unnamedPublisher) {
    const newest = publishers.filter(isActive).sort(([, a], [, b]) => b - a)[0];
    return newest === undefined ? index : publishers.indexOf(newest);
  }
  const withName = (wanted: string | undefined) =>
    publishers.find((publisher) => publisher[0] === wanted && isActive(publisher));
  const earlier = withName(address) ?? withName(unnamedPublisher);
  if (earlier === undefined) return index;
  const others = publishers.filter((publisher) => publisher[0] !== name && publisher !== earlier);
  publishers.splice(0, publishers.length, ...others, [name, earlier[1]]);
  return others.length;
}
