import { parseFlags, usage } from './flags.ts';
import { runChurn } from './run.ts';
import type { ChurnSettings } from './story.ts';
import { problemsOf, toReport } from './verdict.ts';

const flags = parseFlags(process.argv.slice(2));
if (flags === 'help') {
  process.stdout.write(usage);
} else if ('problem' in flags) {
  process.stderr.write(`churn: ${flags.problem}\n\n${usage}`);
  process.exitCode = 2;
} else {
  process.exitCode = await churn(flags);
}

async function churn(settings: ChurnSettings): Promise<number> {
  const outcome = await runChurn(settings, {
    collectGarbage: globalThis.gc,
    onMinute: (minute, series) => process.stderr.write(`churn: minute ${minute}, ${series} streams\n`),
  });
  process.stdout.write(toReport(outcome));
  return problemsOf(outcome).length === 0 ? 0 : 1;
}
