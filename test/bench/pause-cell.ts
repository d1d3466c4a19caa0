import { type Figure, type Rounds, spreadOf } from './figures.ts';
import { runScrapePlan, type Shot } from './scrape-cell.ts';

/** Each stream has a sample every five seconds. */
const samplesEverySeconds = 5;

/** Measures the longest time that a scrape blocks the event loop, at two sizes, while samples arrive. */
export async function runPauses({
  small,
  large,
  ...rounds
}: Rounds & { readonly small: Size; readonly large: Size }): Promise<readonly Figure[]> {
  const figures = [...(await pausesOf(small, rounds)), ...(await pausesOf(large, rounds))];
  const median = ({ name }: Size, kind: string) =>
    spreadOf(figures.find((figure) => figure.name === `${name} ${kind}, ours: longest pause`)?.rounds ?? [])
      .median;
  const ratios = ['plain', 'gzip'].map(
    (kind): Figure => ({
      name: `${kind}, ${large.name} / ${small.name}: longest pause`,
      unit: 'ratio',
      rounds: [median(large, kind) / median(small, kind)],
    }),
  );
  return [...figures, ...ratios];
}

export interface Size {
  readonly name: string;
  readonly streams: number;
}

function pausesOf({ name, streams }: Size, rounds: Rounds): Promise<readonly Figure[]> {
  const plain: Shot = {
    name: `${name} plain`,
    sides: ['ours'],
    changed: 1,
    arriving: streams / samplesEverySeconds,
  };
  return runScrapePlan(
    { streams, shots: [plain, { ...plain, name: `${name} gzip`, isCompressed: true }], ratios: [] },
    rounds,
  );
}
