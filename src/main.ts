#!/usr/bin/env node
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { getHeapStatistics, setFlagsFromString } from 'node:v8';
import { systemClock } from './clock.ts';
import { checkConfig } from './commands/check-config.ts';
import { configSchema } from './commands/config-schema.ts';
import { runDemo } from './commands/demo.ts';
import { parseInvocation, usage } from './commands/flags.ts';
import { runPlan } from './commands/plan.ts';
import type { Runtime } from './commands/runtime.ts';
import { runServe } from './commands/serve.ts';
import { runSimulate } from './commands/simulate.ts';

const out = (text: string) => void process.stdout.write(text);
const err = (text: string) => void process.stderr.write(text);
const stop = new AbortController();
// A reader that went away, as `| head` does, is no fault.
process.stdout.on('error', () => stop.abort());
// When nobody reads the log any more, the metrics are still read.
process.stderr.on('error', () => {});
for (const name of ['SIGTERM', 'SIGINT'] as const) process.once(name, () => stop.abort());

// The heap may grow to twice what was live before V8 marks it, and not to four times. V8 plans to mark all of a heap in
// half a second, as if all were live; four times what is live is more than two cores can do in that. Behind its plan it
// marks 5 ms more at each allocation, and holds the event loop for 0.1 s: see docs/performance.md. Where little memory is
// allowed V8 lets it grow less of itself.
if (getHeapStatistics().heap_size_limit > 1024 ** 3) setFlagsFromString('--heap-growing-percent=100');

process.exitCode = await run();

async function run(): Promise<number> {
  const invocation = parseInvocation(process.argv.slice(2));
  const runtime: Runtime = {
    out,
    err,
    env: process.env,
    clock: systemClock,
    random: Math.random,
    nonce: randomUUID,
    version: readVersion(),
    nodeVersion: process.version,
    pid: process.pid,
    onHangup: (handler) => void process.on('SIGHUP', handler),
    signal: stop.signal,
  };
  switch (invocation.command) {
    case 'serve':
      return runServe(invocation, runtime);
    case 'demo':
      return runDemo(invocation, runtime);
    case 'simulate':
      return runSimulate({ ...invocation, ...runtime });
    case 'check-config':
      return checkConfig(invocation.configFile, runtime);
    case 'plan':
      return runPlan(invocation.configFile, runtime);
    case 'config-schema':
      out(configSchema());
      return 0;
    case 'version':
      out(`livestream-exporter ${runtime.version} (node ${runtime.nodeVersion})\n`);
      return 0;
    case 'help':
      out(usage);
      return 0;
    case 'unusable':
      err(`livestream-exporter: ${invocation.problem}\nSee livestream-exporter --help.\n`);
      return 2;
    default:
      return invocation satisfies never;
  }
}

/** One folder up from src, and from dist. */
function readVersion(): string {
  const text = readFileSync(new URL('../package.json', import.meta.url), 'utf8');
  // Our own package.json, which has one.
  return (JSON.parse(text) as { version: string }).version;
}
