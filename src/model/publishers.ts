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
 * counted.
 */
export function findPublisher(publishers: RecentPublisher[], name: string, activeFrom: EpochMs): number {
  const index = publishers.findIndex(([other]) => other === name);
  const isActive = (publisher: RecentPublisher | undefined) =>
    publisher !== undefined && publisher[1] >= activeFrom;
  if (isActive(publishers[index])) return index;
  if (name === unnamedPublisher) {
    const newest = publishers.filter(isActive).sort(([, a], [, b]) => b - a)[0];
    return newest === undefined ? index : publishers.indexOf(newest);
  }
  const unnamed = publishers.find(([other]) => other === unnamedPublisher);
  if (unnamed === undefined || !isActive(unnamed)) return index;
  const others = publishers.filter(([other]) => other !== name && other !== unnamedPublisher);
  publishers.splice(0, publishers.length, ...others, [name, unnamed[1]]);
  return others.length;
}
