import { type Config, domainCount } from '../config/config.ts';
import { libraryProblems } from '../config/credential-library.ts';
import { readConfigFile } from '../config/load.ts';
import { proxyEnvProblems } from '../config/proxy.ts';
import { readSecrets } from '../config/secrets.ts';
import { tokenSpacingMs } from '../model/effective-interval.ts';
import { secondMs } from '../model/time.ts';
import { sortDiagnostics, toDiagnosticLines } from '../text/diagnostics.ts';
import { toShortNumber } from './plan.ts';
import { planOf } from './plan-load.ts';
import type { Runtime } from './runtime.ts';

/**
 * Validates the config in `file`. Prints all diagnostics (config problems), or a summary in one line if the
 * config is valid. Returns the exit code: 0 if the config is valid, 2 if not. A missing secret or credential
 * library, or an unusable proxy of the environment, is only a warning, because the daemon can run on another
 * machine.
 */
export async function checkConfig(
  file: string,
  { out, err, env }: Pick<Runtime, 'out' | 'err' | 'env'>,
): Promise<number> {
  const loaded = await readConfigFile(file);
  const read = await readSecrets(loaded.named, env);
  const missing = 'problems' in read ? read.problems : [];
  const accounts = 'config' in loaded ? loaded.config.accounts : [];
  const outside = [...proxyEnvProblems(accounts, env), ...libraryProblems(accounts, env)];
  const warnings = [...missing, ...outside].map((problem) => ({
    ...problem,
    text: `warning: ${problem.text}`,
  }));
  const problems = 'problems' in loaded ? loaded.problems : [];
  for (const line of toDiagnosticLines(file, sortDiagnostics([...problems, ...warnings]))) err(`${line}\n`);
  if ('problems' in loaded) return 2;
  out(`${file}: ${summary(loaded.config)}\n`);
  return 0;
}

function summary(config: Config): string {
  const { accounts, pushTargets } = config;
  const targets = [
    counted(accounts.length, 'account'),
    counted(pushTargets.length, 'stream'),
    counted(domainCount(config), 'domain'),
  ];
  const plan = planOf(config);
  const rates = accounts.flatMap(({ name }) => {
    const own = plan.filter(({ account }) => account === name);
    const used = own.filter(({ targets }) => targets > 0);
    return (used.length > 0 ? used : own.slice(0, 1)).map(
      ({ required, budget }) => `${name} requires ${rateText(required, budget)}`,
    );
  });
  return `${targets.join(', ')}; ${rates.join('; ')}`;
}

/**
 * Returns a text with two rates in requests per second: the rate that the configured intervals require, and
 * the budget (the configured rate limit). The config is valid even if the budget is too small: targets are
 * then polled less often, but no data is lost.
 */
function rateText(required: number, budget: number): string {
  const text = `${toShortNumber(required)} requests/s (budget ${toShortNumber(budget)} requests/s)`;
  const factor = (required * tokenSpacingMs(budget)) / secondMs;
  return factor > 1
    ? `${text}, so the polling interval is about ${toShortNumber(factor)} times as long as configured`
    : text;
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
