import { parseArgs } from 'node:util';
import { measureStart } from './start.ts';

const { values } = parseArgs({
  options: {
    streams: { type: 'string', default: '50000' },
    accounts: { type: 'string', default: '20' },
  },
});
const phases = await measureStart({
  streams: Number(values.streams),
  accounts: Number(values.accounts),
  deadlineMs: 300_000,
  watchMs: 10_000,
});
console.table(
  phases.map(({ name, tookMs, streams, cpuMs, wallMs, busyMs, unmarkedMs, markings, residentBytes }) => ({
    phase: name,
    seconds: Number((tookMs / 1000).toFixed(1)),
    'CPU seconds': Number((cpuMs / 1000).toFixed(1)),
    'streams shown': streams,
    'longest pause, ms': Math.round(wallMs),
    'longest busy, ms': Math.round(busyMs),
    'longest pause unmarked, ms': Math.round(unmarkedMs),
    markings,
    'resident, MB': Math.round(residentBytes / 1e6),
  })),
);
