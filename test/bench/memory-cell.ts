import { startChild } from './commands.ts';
import { seriesPerStream } from './content.ts';
import type { Figure } from './figures.ts';
import { readResident, resetPeak } from './resident.ts';
import { accepts, scrapeTogether } from './scraper.ts';

const scrapes = 5;

/** Bytes at rest, of the series alone and of whole streams, and how much five gzip scrapes of changed data add at most. */
export async function runMemory({
  streams,
  rounds,
}: {
  readonly streams: number;
  readonly rounds: number;
}): Promise<readonly Figure[]> {
  const series = streams * seriesPerStream;
  const rest: number[] = [];
  const whole: number[] = [];
  const ours: number[] = [];
  const promClient: number[] = [];
  for (let round = 0; round < rounds; round++) {
    rest.push((await bytesOf('seriesOf', streams)) / series);
    whole.push((await bytesOf('streamsOf', streams)) / streams / 1000);
    ours.push(...(await peakGrowth('serve-ours.ts', streams)).map((bytes) => bytes / series));
    promClient.push(...(await peakGrowth('serve-prom-client.ts', streams)).map((bytes) => bytes / series));
  }
  return [
    { name: 'at rest, per series', unit: 'bytes', rounds: rest },
    { name: 'in all, per stream', unit: 'kB', rounds: whole },
    { name: `growth in ${scrapes} gzip scrapes, per series, ours`, unit: 'bytes', rounds: ours },
    { name: `growth in ${scrapes} gzip scrapes, per series, prom-client`, unit: 'bytes', rounds: promClient },
  ];
}

async function bytesOf(what: string, streams: number): Promise<number> {
  await using child = await startChild('memory.ts');
  // Awaited here: the child ends with this function.
  return await child.ask<number>(what, streams);
}

/**
 * The largest amount of RAM during the scrapes, less what there was before the first: every value changes before each
 * scrape, and what that leaves behind is collected before the kernel begins to watch. Nothing where the kernel does not tell.
 */
async function peakGrowth(file: string, streams: number): Promise<readonly number[]> {
  await using source = await startChild('serve-ours.ts');
  await using other = file === 'serve-ours.ts' ? undefined : await startChild(file);
  const child = other ?? source;
  const port = await child.ask<number>('port');
  const url = `http://127.0.0.1:${await source.ask<number>('port')}/metrics`;
  await source.ask('fill', streams);
  const change = async () => {
    await source.ask('change', 1);
    await other?.ask('copy', { url, format: 'text' });
    await child.ask('begin');
    await child.ask('end');
  };

  await change();
  const before = await readResident(child.pid);
  if (before === undefined) return [];
  let peak = 0;
  for (let time = 0; time < scrapes; time++) {
    if (time > 0) await change();
    await resetPeak(child.pid);
    await scrapeTogether({ port, accept: accepts.text, isPacked: true }, 1);
    peak = Math.max(peak, (await readResident(child.pid))?.peak ?? 0);
  }
  return [peak - before.now];
}
