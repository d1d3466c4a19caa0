import { type Child, startChild } from './commands.ts';
import { type Figure, pairedRatio, type Rounds, type Unit } from './figures.ts';
import type { Spent } from './load.ts';
import { accepts, type Scraped, scrapeTogether } from './scraper.ts';

export type SideName = 'ours' | 'prom-client' | 'kept bytes';

/** Scrapes of one kind on each side in one round. */
export interface Shot {
  readonly name: string;
  readonly sides: readonly SideName[];
  /** Share of the streams that change before the scrape, from 0 to 1. */
  readonly changed: number;
  /** Whether each stream gets one good sample before the scrape, which changes only some of its series. */
  readonly hasGoodSamples?: boolean;
  readonly isCompressed?: boolean;
  readonly format?: keyof typeof accepts;
  /** Number of concurrent scrapes. */
  readonly readers?: number;
  /** Number of consecutive scrapes, if one is too short for a measurement. */
  readonly times?: number;
  /** Samples per second that arrive at the program during the scrape. */
  readonly arriving?: number;
}

export type ShotKey = `${string}, ${SideName}`;

export interface ScrapePlan {
  readonly streams: number;
  /** In the order of a round. */
  readonly shots: readonly Shot[];
  readonly ratios: readonly Ratio[];
}

/** Ratio of one scrape to another, for each measure. */
export interface Ratio {
  readonly of: ShotKey;
  readonly over: ShotKey;
  readonly by: readonly Measure[];
}

export type Measure = keyof typeof measures;

const measures = {
  wall: { unit: 'ms', pick: ({ wallMs }) => wallMs },
  CPU: { unit: 'ms', pick: ({ cpuMs }) => cpuMs },
  'longest pause': { unit: 'ms', pick: ({ pauseMs }) => pauseMs },
  'longest busy': { unit: 'ms', pick: ({ busyMs }) => busyMs },
  size: { unit: 'MB', pick: ({ bytes }) => bytes / 1e6 },
} as const satisfies Record<string, { unit: Unit; pick: (sample: Measurement) => number }>;

/** Measurement of one scrape, or the mean of several. */
interface Measurement {
  readonly wallMs: number;
  readonly cpuMs: number;
  readonly pauseMs: number;
  readonly busyMs: number;
  readonly bytes: number;
}

/**
 * Runs each side in a process of its own, with the same content and behind the same server. The other sides
 * copy from a twin of the program: a scrape of the program itself would fill its cache. Each round starts
 * with another side.
 */
export async function runScrapePlan(
  plan: ScrapePlan,
  { rounds, warmUps }: Rounds,
): Promise<readonly Figure[]> {
  await using sides = await startSides(plan);
  const measurements = new Map<ShotKey, Measurement[]>();
  for (let round = -warmUps; round < rounds; round++) {
    for (const shot of plan.shots) {
      await sides.prepare(shot);
      const first = Math.abs(round) % shot.sides.length;
      for (const side of [...shot.sides.slice(first), ...shot.sides.slice(0, first)]) {
        const measurement = await measure(shot, side, sides.of(side));
        if (round < 0) continue;
        const key: ShotKey = `${shot.name}, ${side}`;
        measurements.set(key, [...(measurements.get(key) ?? []), measurement]);
      }
    }
  }
  return [
    ...[...measurements].flatMap(([key, all]) => figuresOf(key, all)),
    ...plan.ratios.flatMap((ratio) => ratioOf(ratio, measurements)),
  ];
}

interface Sides extends AsyncDisposable {
  of(side: SideName): Served;
  /** Changes the content of all sides of the shot equally. */
  prepare(shot: Shot): Promise<void>;
}

interface Served {
  readonly child: Child;
  readonly port: number;
}

const files = { ours: 'serve-ours.ts', 'prom-client': 'serve-prom-client.ts', 'kept bytes': 'serve-kept.ts' };

async function startSides({ streams, shots }: ScrapePlan): Promise<Sides> {
  await using stack = new AsyncDisposableStack();
  const start = async (file: string): Promise<Served> => {
    const child = stack.use(await startChild(file));
    return { child, port: await child.ask<number>('port') };
  };
  const names = new Set(shots.flatMap(({ sides }) => sides));
  const served = new Map<SideName, Served>();
  for (const name of names) served.set(name, await start(files[name]));
  const twin = names.size > 1 ? await start(files.ours) : undefined;
  const changing = [served.get('ours')?.child, twin?.child].filter((child) => child !== undefined);
  for (const child of changing) await child.ask('fill', streams);

  const of = (side: SideName): Served => {
    const found = served.get(side);
    if (found === undefined) throw new Error(`${side} is not part of this cell`);
    return found;
  };
  const running = stack.move();
  return {
    of,
    async prepare({ sides, changed, hasGoodSamples = false, format = 'text' }) {
      if (changed === 0 && !hasGoodSamples) return;
      if (changed > 0) for (const child of changing) await child.ask('change', changed);
      if (hasGoodSamples) for (const child of changing) await child.ask('sample', streams);
      const url = `http://127.0.0.1:${twin?.port}/metrics`;
      for (const side of sides) {
        if (side !== 'ours') await of(side).child.ask('copy', { url, format });
      }
    },
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}

async function measure(shot: Shot, side: SideName, { child, port }: Served): Promise<Measurement> {
  const { isCompressed = false, format = 'text', readers = 1, times = 1, arriving = 0 } = shot;
  if (arriving > 0 && side === 'ours') await child.ask('arrive', arriving);
  await child.ask('begin');
  const all: Scraped[] = [];
  for (let time = 0; time < times; time++) {
    all.push(await scrapeTogether({ port, accept: accepts[format], isCompressed }, readers));
  }
  const { cpuMs, pauseMs, busyMs } = await child.ask<Spent>('end');
  if (arriving > 0 && side === 'ours') await child.ask('rest');
  const mean = (of: (scraped: Scraped) => number) =>
    all.reduce((sum, scraped) => sum + of(scraped), 0) / times;
  return {
    wallMs: mean(({ wallMs }) => wallMs),
    cpuMs: cpuMs / times,
    pauseMs,
    busyMs,
    bytes: mean(({ bytes }) => bytes) / readers,
  };
}

function figuresOf(key: ShotKey, all: readonly Measurement[]): readonly Figure[] {
  return Object.entries(measures).map(([measure, { unit, pick }]) => ({
    name: `${key}: ${measure}`,
    unit,
    rounds: all.map(pick),
  }));
}

function ratioOf(
  { of, over, by }: Ratio,
  measurements: ReadonlyMap<ShotKey, readonly Measurement[]>,
): readonly Figure[] {
  return by.map((measure) => {
    const { pick } = measures[measure];
    return {
      name: `${of} / ${over}: ${measure}`,
      unit: 'ratio',
      rounds: pairedRatio((measurements.get(of) ?? []).map(pick), (measurements.get(over) ?? []).map(pick)),
    };
  });
}
