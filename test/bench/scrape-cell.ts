import { type Child, startChild } from './commands.ts';
import { type Figure, pairedRatio, type Rounds, type Unit } from './figures.ts';
import type { Spent } from './load.ts';
import { accepts, type Scraped, scrapeTogether } from './scraper.ts';

export type SideName = 'ours' | 'prom-client' | 'kept bytes';

/** Scrapes of one kind, by each of the sides, in one round. */
export interface Shot {
  readonly name: string;
  readonly sides: readonly SideName[];
  /** The share of the streams that is changed before; 0 is none. */
  readonly changed: number;
  readonly isPacked?: boolean;
  readonly format?: keyof typeof accepts;
  /** How many scrape at the same moment. */
  readonly readers?: number;
  /** How often a scrape too short for one figure is made, one after the other. */
  readonly times?: number;
  /** How many samples a second arrive at ours meanwhile. */
  readonly arriving?: number;
}

export type ShotKey = `${string}, ${SideName}`;

export interface ScrapePlan {
  readonly streams: number;
  /** In the order of a round. */
  readonly shots: readonly Shot[];
  readonly ratios: readonly Ratio[];
}

/** Of one scrape over another, for each of `by`. */
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
} as const satisfies Record<string, { unit: Unit; pick: (one: Taken) => number }>;

/** Of one scrape: the mean where there were several. */
interface Taken {
  readonly wallMs: number;
  readonly cpuMs: number;
  readonly pauseMs: number;
  readonly busyMs: number;
  readonly bytes: number;
}

/**
 * Each side in a process of its own, all with the same content and behind the same server, and a twin of ours that the
 * others copy from: asked itself, ours would have its answer ready. In every round the sides take turns at being first.
 */
export async function runScrapePlan(
  plan: ScrapePlan,
  { rounds, warmUps }: Rounds,
): Promise<readonly Figure[]> {
  await using sides = await startSides(plan);
  const taken = new Map<ShotKey, Taken[]>();
  for (let round = -warmUps; round < rounds; round++) {
    for (const shot of plan.shots) {
      await sides.prepare(shot);
      const first = Math.abs(round) % shot.sides.length;
      for (const side of [...shot.sides.slice(first), ...shot.sides.slice(0, first)]) {
        const one = await take(shot, side, sides.of(side));
        if (round < 0) continue;
        const key: ShotKey = `${shot.name}, ${side}`;
        taken.set(key, [...(taken.get(key) ?? []), one]);
      }
    }
  }
  return [
    ...[...taken].flatMap(([key, all]) => figuresOf(key, all)),
    ...plan.ratios.flatMap((ratio) => ratioOf(ratio, taken)),
  ];
}

interface Sides extends AsyncDisposable {
  of(side: SideName): Served;
  /** Changes the content of all sides that take part, to the same. */
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
    if (found === undefined) throw new Error(`${side} takes no part in this cell`);
    return found;
  };
  const ended = stack.move();
  return {
    of,
    async prepare({ sides, changed, format = 'text' }) {
      if (changed === 0) return;
      for (const child of changing) await child.ask('change', changed);
      const url = `http://127.0.0.1:${twin?.port}/metrics`;
      for (const side of sides) {
        if (side !== 'ours') await of(side).child.ask('copy', { url, format });
      }
    },
    [Symbol.asyncDispose]: () => ended.disposeAsync(),
  };
}

async function take(shot: Shot, side: SideName, { child, port }: Served): Promise<Taken> {
  const { isPacked = false, format = 'text', readers = 1, times = 1, arriving = 0 } = shot;
  if (arriving > 0 && side === 'ours') await child.ask('arrive', arriving);
  await child.ask('begin');
  const all: Scraped[] = [];
  for (let time = 0; time < times; time++) {
    all.push(await scrapeTogether({ port, accept: accepts[format], isPacked }, readers));
  }
  const { cpuMs, pauseMs, busyMs } = await child.ask<Spent>('end');
  if (arriving > 0 && side === 'ours') await child.ask('rest');
  const mean = (of: (one: Scraped) => number) => all.reduce((sum, one) => sum + of(one), 0) / times;
  return {
    wallMs: mean(({ wallMs }) => wallMs),
    cpuMs: cpuMs / times,
    pauseMs,
    busyMs,
    bytes: mean(({ bytes }) => bytes) / readers,
  };
}

function figuresOf(key: ShotKey, all: readonly Taken[]): readonly Figure[] {
  return Object.entries(measures).map(([measure, { unit, pick }]) => ({
    name: `${key}: ${measure}`,
    unit,
    rounds: all.map(pick),
  }));
}

function ratioOf({ of, over, by }: Ratio, taken: ReadonlyMap<ShotKey, readonly Taken[]>): readonly Figure[] {
  return by.map((measure) => {
    const { pick } = measures[measure];
    return {
      name: `${of} / ${over}: ${measure}`,
      unit: 'ratio',
      rounds: pairedRatio((taken.get(of) ?? []).map(pick), (taken.get(over) ?? []).map(pick)),
    };
  });
}
