import { spawnSync } from 'node:child_process';
import { alertmanagerTool } from '../support/tool-path.ts';
import { runDrill } from './drill.ts';
import { type DrillFlags, parseFlags, usage } from './flags.ts';
import { isHaPassed, runHa, toHaReport } from './ha.ts';
import { runHealthy } from './healthy.ts';
import { isPassed, toDrillReport } from './report.ts';

const tools = [
  ['prometheus', 'Prometheus'],
  [alertmanagerTool(), 'Alertmanager'],
  ['prlimit', 'util-linux'],
] as const;

const flags = parseFlags(process.argv.slice(2));
if (flags === 'help') {
  process.stdout.write(usage);
} else if ('problem' in flags) {
  process.stderr.write(`drill: ${flags.problem}\n\n${usage}`);
  process.exitCode = 2;
} else {
  const missing = tools.find(([tool]) => spawnSync(tool, ['--version']).error !== undefined);
  if (missing === undefined) {
    process.exitCode = await drill(flags);
  } else {
    process.stderr.write(`drill: ${missing[0]} not found on the PATH; install ${missing[1]}\n`);
    process.exitCode = 2;
  }
}

async function drill({ factor, healthyMinutes, isHa, runs, groupInterval }: DrillFlags): Promise<number> {
  const stopping = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const) {
    process.once(name, () => stopping.abort(new Error(`stopped by ${name}`)));
  }
  const startedAt = Date.now();
  const report = (line: string) =>
    process.stderr.write(`drill: ${Math.round((Date.now() - startedAt) / 1_000)} s: ${line}\n`);
  const { signal } = stopping;
  try {
    if (isHa) {
      const outcome = await runHa({ runs, groupInterval, report, signal });
      process.stdout.write(toHaReport(outcome));
      return isHaPassed(outcome) ? 0 : 1;
    }
    if (healthyMinutes === undefined) report(`durations above 30 s are divided by ${factor}`);
    const verdict =
      healthyMinutes === undefined
        ? await runDrill({ factor, report, signal })
        : await runHealthy(healthyMinutes, { report, signal });
    process.stdout.write(toDrillReport(verdict));
    return isPassed(verdict) ? 0 : 1;
  } catch (thrown) {
    const error: unknown = signal.aborted ? signal.reason : thrown;
    const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
    process.stdout.write(`drill: FAIL: ${message.trim()}\n`);
    return 1;
  } finally {
    // After a failure, ends what still waits.
    stopping.abort();
  }
}
