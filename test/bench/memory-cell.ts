import { startChild } from './commands.ts';
import { seriesPerStream } from './content.ts';
import type { Figure } from './figures.ts';
import { readResident, resetPeak } from './resident.ts';
import { accepts, scrapeTogether } from './scraper.ts';

const scrapes = 5;

/**
 * Measures the bytes at rest, of the series and of whole streams, and the peak growth in five gzip scrapes.
 */
export async function runMemory({
  streams,
  rounds,
}: {
  readonly streams: number;
  readonly rounds: number;
}): Promise<readonly Figure[]> {
  const series = streams * seriesPerStream;
  const atRest: number[] = [];
  const whole: number[] = [];
  const wholeApi3: number[] = [];
  const ours: number[] = [];
  const promClient: number[] = [];
  for (let round = 0; round < rounds; round++) {
    atRest.push((await bytesOf('seriesOf', streams)) / series);
    whole.push((await bytesOf('streamsOf', streams)) / streams / 1000);
    wholeApi3.push((await bytesOf('api3StreamsOf', streams)) / streams / 1000);
    ours.push(...(await peakGrowth('serve-ours.ts', streams)).map((bytes) => bytes / series));
    promClient.push(...(await peakGrowth('serve-prom-client.ts', streams)).map((bytes) => bytes / series));
  }
  return [
    { name: 'at rest, per series', unit: 'bytes', rounds: atRest },
    { name: 'in all, per stream', unit: 'kB', rounds: whole },
    { name: 'in all, per stream of API 3.0', unit: 'kB', rounds: wholeApi3 },
    { name: `growth in ${scrapes} gzip scrapes, per series, ours`, unit: 'bytes', rounds: ours },
    { name: `growth in ${scrapes} gzip scrapes, per series, prom-client`, unit: 'bytes', rounds: promClient },
  ];
}

async function bytesOf(what: string, streams: number): Promise<number> {
  await using child = await startChild('memory.ts');
  // Awaited here, because the child stops with this function.
  return await child.ask<number>(what, streams);
}

/**
 * Returns the peak of resident memory during the scrapes minus the memory before the first. Before each
 * scrape every value changes and the garbage of that is collected. Returns nothing if the system does not
 * report resident memory.
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
    await scrapeTogether({ port, accept: accepts.text, isCompressed: true }, 1);
    peak = Math.max(peak, (await readResident(child.pid))?.peak ?? 0);
  }
  return [peak - before.now];
}
