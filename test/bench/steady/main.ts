import { parseArgs } from 'node:util';
import { grown, type Measured, runSteady } from './steady.ts';

/**
 * `node --expose-gc test/bench/steady/main.ts [--hours 480] [--streams 10000]`: exits with 1 if a quantity
 * grew.
 */
const { values } = parseArgs({
  options: { hours: { type: 'string', default: '480' }, streams: { type: 'string', default: '10000' } },
});
const { gc } = globalThis;
if (gc === undefined) throw new Error('heap figures need a garbage collection: start with node --expose-gc');

const startedAt = performance.now();
process.stdout.write('hour   heap MB  buffers MB     rows  file MB  streams  seconds\n');
const measured = await runSteady({
  hours: Number(values.hours),
  streams: Number(values.streams),
  everyHours: 24,
  collectGarbage: gc,
  onMeasured: (now) => void process.stdout.write(`${line(now)}\n`),
});

const problems = grown(measured);
for (const problem of problems) process.stdout.write(`${problem}\n`);
if (problems.length === 0) process.stdout.write('no quantity grew by more than a tenth\n');
process.exitCode = problems.length === 0 ? 0 : 1;

function line({ hour, heapMegabytes, bufferMegabytes, rows, fileMegabytes, streamsShown }: Measured): string {
  const seconds = Math.round((performance.now() - startedAt) / 1000);
  const cells = [hour, heapMegabytes, bufferMegabytes, rows, fileMegabytes, streamsShown, seconds];
  const widths = [4, 10, 12, 9, 9, 9, 9];
  return cells.map((cell, i) => String(cell).padStart(widths[i] ?? 0)).join('');
}
