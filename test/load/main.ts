import { runClients } from './clients.ts';
import { type LoadSettings, parseFlags, usage } from './flags.ts';
import { runPasswords } from './passwords.ts';
import { type Bar, clientBars, passwordBars, toBarReport, toPhaseReport } from './verdict.ts';

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));

const flags = parseFlags(process.argv.slice(2));
if (flags === 'help') {
  process.stdout.write(usage);
} else if ('problem' in flags) {
  process.stderr.write(`load: ${flags.problem}\n\n${usage}`);
  process.exitCode = 2;
} else {
  process.exitCode = await load(flags);
}

async function load(settings: LoadSettings): Promise<number> {
  const { parts, streams, seconds, addresses, seed } = settings;
  process.stdout.write(
    `load: ${streams} streams, ${seconds} s per attack, ${addresses} addresses, seed ${seed}\n`,
  );
  const bars: Bar[] = [];
  const onPhase = (name: string) => void process.stderr.write(`load: ${name}\n`);
  if (parts.includes('clients')) {
    const outcome = await runClients(settings, onPhase);
    process.stdout.write(toPhaseReport([outcome.before, ...outcome.attacks, outcome.after]));
    bars.push(...clientBars(outcome));
  }
  if (parts.includes('passwords')) {
    const outcome = await runPasswords(settings, onPhase);
    process.stdout.write(toPhaseReport([outcome.before, outcome.attack, outcome.after]));
    bars.push(...passwordBars(outcome));
  }
  process.stdout.write(toBarReport(bars));
  return bars.every(({ isHeld }) => isHeld) ? 0 : 1;
}
