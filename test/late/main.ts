import { lateCases, runCase } from './cases.ts';
import { type LateFlags, parseFlags, usage } from './flags.ts';
import { type Outcome, problemsOf, toReport } from './verdict.ts';

const flags = parseFlags(process.argv.slice(2));
if (flags === 'help') {
  process.stdout.write(usage);
} else if ('problem' in flags) {
  process.stderr.write(`late: ${flags.problem}\n\n${usage}`);
  process.exitCode = 2;
} else {
  process.exitCode = await late(flags);
}

async function late({ hours }: LateFlags): Promise<number> {
  const outcomes: Outcome[] = [];
  for (const lateCase of lateCases(hours)) {
    process.stderr.write(`late: ${lateCase.name}, ${lateCase.streams.length} streams\n`);
    outcomes.push(await runCase(lateCase));
  }
  process.stdout.write(toReport(outcomes));
  return outcomes.every((outcome) => problemsOf(outcome).length === 0) ? 0 : 1;
}
