import type { ScrapeRequest } from '../../src/metrics/exposition/scrape.ts';
import type { Metrics } from '../../src/metrics/metrics.ts';
import { streamKey } from '../../src/model/stream.ts';
import type { Churn, ChurnMemory, ChurnResult } from './churn-cell.ts';
import { serveCommands } from './commands.ts';
import { benchSample, benchTarget, createBenchMetrics, filledLedger, viewOf } from './content.ts';
import { collectGarbage } from './load.ts';

serveCommands({ churn: measureChurn });

/**
 * Lets streams come and go while two scrapes overlap: each ends after the next one has begun. A slow reader of
 * plain text, whose snapshot is the oldest, begins first and ends last.
 */
async function measureChurn({ streams, rounds, perRound }: Churn): Promise<ChurnResult> {
  const metrics = createBenchMetrics();
  for (let number = 0; number < streams; number++) add(metrics, number, '');
  await comeAndGo(metrics, { perRound, round: 0 });
  await (await begin(metrics, 'gzip')).end();
  const start = await memory();

  const open = await overlapScrapes(metrics, { rounds, perRound });
  return { start, open, end: await memory() };
}

/** Lets streams come and go while scrapes overlap. Returns the memory while the last scrapes are open. */
async function overlapScrapes(
  metrics: Metrics,
  { rounds, perRound }: Pick<Churn, 'rounds' | 'perRound'>,
): Promise<ChurnMemory> {
  const slow = await begin(metrics, 'identity');
  let older = await begin(metrics, 'identity');
  for (let round = 1; round <= rounds; round++) {
    const newer = await begin(metrics, round % 2 === 0 ? 'gzip' : 'identity');
    await comeAndGo(metrics, { perRound, round }, () => older.end());
    older = newer;
  }
  const open = await memory();
  await slow.end();
  await older.end();
  return open;
}

/** Adds the streams of a round, calls `meanwhile`, and removes the streams. */
async function comeAndGo(
  metrics: Metrics,
  { perRound, round }: { readonly perRound: number; readonly round: number },
  meanwhile?: () => Promise<void>,
): Promise<void> {
  // Lengths change too, because memory of one length must be reusable for other lengths.
  const suffix = `-${round}-${'x'.repeat(round % 100)}`;
  const keys = Array.from({ length: perRound }, (_, number) => add(metrics, number, suffix));
  await meanwhile?.();
  for (const key of keys) metrics.series.remove(key);
}

/** Adds a stream with all its series, and returns its key. */
function add({ series }: Metrics, number: number, suffix: string): string {
  const { stream, ...target } = benchTarget(number);
  const id = { ...stream, stream: `${stream.stream}${suffix}` };
  const key = streamKey(id);
  series.add({ ...target, stream: id }, filledLedger(number), key);
  series.setView(key, viewOf(benchSample(number, 1)));
  return key;
}

/** Begins a scrape, reads its first chunks, and returns a function that reads the others. */
async function begin({ serveScrape }: Metrics, acceptEncoding: 'gzip' | 'identity') {
  const request: ScrapeRequest = {
    accept: undefined,
    acceptEncoding,
    peer: '192.0.2.1',
    userAgent: 'bench',
    timeoutSeconds: 10,
  };
  const { body, completed } = await serveScrape(request);
  const chunks = body[Symbol.asyncIterator]();
  await chunks.next();
  await chunks.next();
  return {
    async end(): Promise<void> {
      while (!(await chunks.next()).done);
      completed();
    },
  };
}

async function memory(): Promise<ChurnMemory> {
  await collectGarbage();
  await collectGarbage();
  const { heapUsed, external } = process.memoryUsage();
  return { heap: heapUsed, external };
}
