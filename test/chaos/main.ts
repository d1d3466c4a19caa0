import { spawnSync } from 'node:child_process';
import { type ChaosFlags, parseFlags, usage } from './flags.ts';
import { minimumsOf } from './plan.ts';
import { judge, toReport } from './report.ts';
import { runChaos } from './run.ts';

const flags = parseFlags(process.argv.slice(2));
if (flags === 'help') {
  process.stdout.write(usage);
} else if ('problem' in flags) {
  process.stderr.write(`chaos: ${flags.problem}\n\n${usage}`);
  process.exitCode = 2;
} else if (spawnSync('prometheus', ['--version']).error !== undefined) {
  process.stderr.write('chaos: prometheus not found on the PATH; install Prometheus\n');
  process.exitCode = 2;
} else if (spawnSync('prlimit', ['--version']).error !== undefined) {
  process.stderr.write('chaos: prlimit not found on the PATH; install util-linux\n');
  process.exitCode = 2;
} else if (
  minimumsOf(flags.minutes).hungDisks > 0 &&
  spawnSync('strace', ['--version']).error !== undefined
) {
  process.stderr.write('chaos: strace not found on the PATH; install strace\n');
  process.exitCode = 2;
} else {
  process.exitCode = await chaos(flags);
}

async function chaos(flags: ChaosFlags): Promise<number> {
  const stopping = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const) {
    process.once(name, () => stopping.abort(new Error(`stopped by ${name}`)));
  }
  const report = (line: string) => process.stderr.write(`chaos: ${line}\n`);
  try {
    const outcome = await runChaos(flags, report, stopping.signal);
    process.stdout.write(toReport(outcome));
    return judge(outcome).length === 0 ? 0 : 1;
  } catch (thrown) {
    const error: unknown = stopping.signal.aborted ? stopping.signal.reason : thrown;
    const message = error instanceof Error ? error.message : String(error);
    // Print one line: the last line is the verdict.
    process.stdout.write(`chaos: FAIL: ${message.trim().replaceAll(/\s*\n\s*/g, ' | ')}\n`);
    return 1;
  }
}
