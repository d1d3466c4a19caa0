import { parseArgs } from 'node:util';
import { runBudget } from './budget.ts';
import { problemsOf, reportOf } from './verdict.ts';

/**
 * `node test/bench/budget/main.ts [--minutes 10] [--streams 2000] [--per-second 20]`: exits with 1 if a bar
 * is missed.
 */
const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '10' },
    streams: { type: 'string', default: '2000' },
    'per-second': { type: 'string', default: '20' },
  },
});
const stopping = new AbortController();
for (const name of ['SIGINT', 'SIGTERM'] as const) {
  process.once(name, () => stopping.abort(new Error(`stopped by ${name}`)));
}
const measured = await runBudget({
  streams: numberOf('streams', 50_000),
  perSecond: numberOf('per-second', 1_000),
  durationMs: numberOf('minutes', 240) * 60_000,
  scrapeEveryMs: 5_000,
  signal: stopping.signal,
});
process.stdout.write(reportOf(measured));
process.exitCode = problemsOf(measured).length === 0 ? 0 : 1;

function numberOf(flag: keyof typeof values, max: number): number {
  const number = Number(values[flag]);
  if (Number.isInteger(number) && number >= 1 && number <= max) return number;
  throw new Error(`--${flag}: expected a whole number from 1 to ${max}, not "${values[flag]}"`);
}
