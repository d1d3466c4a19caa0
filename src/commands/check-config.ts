import type { Config } from '../config/config.ts';
import { readConfigFile } from '../config/load.ts';
import { readSecrets } from '../config/secrets.ts';
import { tokenSpacingMs } from '../model/effective-interval.ts';
import { secondMs } from '../model/time.ts';
import { sortDiagnostics, toDiagnosticLines } from '../text/diagnostics.ts';
import type { Runtime } from './runtime.ts';

/**
 * Says everything that is wrong with the config in `file`, or in one line what it watches. Gives the exit code. A secret
 * that is not to be had is only warned about: it may be where the daemon will run.
 */
export async function checkConfig(
  file: string,
  { out, err, env }: Pick<Runtime, 'out' | 'err' | 'env'>,
): Promise<number> {
  const loaded = await readConfigFile(file);
  const read = await readSecrets(loaded.named, env);
  const missing = 'problems' in read ? read.problems : [];
  const warnings = missing.map((problem) => ({ ...problem, text: `warning: ${problem.text}` }));
  const problems = 'problems' in loaded ? loaded.problems : [];
  for (const line of toDiagnosticLines(file, sortDiagnostics([...problems, ...warnings]))) err(`${line}\n`);
  if ('problems' in loaded) return 2;
  out(`${file}: ${summary(loaded.config)}\n`);
  return 0;
}

function summary({ accounts, pushTargets, controlTargets }: Config): string {
  const needed = new Map<string, number>();
  const need = (account: string, intervalMs: number) =>
    needed.set(account, (needed.get(account) ?? 0) + 1000 / intervalMs);
  for (const { stream, intervalMs } of pushTargets) need(stream.account, intervalMs);
  for (const { account, intervalMs } of controlTargets) need(account, intervalMs);
  // Each account is asked by one operation so far.
  const calls = accounts.map(({ name, requestsPerSecond }) =>
    callsText(name, needed.get(name) ?? 0, Object.values(requestsPerSecond)[0] ?? 0),
  );
  const watched = [
    counted(accounts.length, 'account'),
    counted(pushTargets.length, 'stream'),
    counted(controlTargets.length, 'domain'),
  ];
  return `${watched.join(', ')}; ${calls.join('; ')}`;
}

/** Rounds that take longer lose nothing, so a budget that is too small is no mistake. */
function callsText(account: string, needed: number, budget: number): string {
  const text = `${account}: ${round(needed)} of ${round(budget)} calls per second`;
  const times = (needed * tokenSpacingMs(budget)) / secondMs;
  return times > 1 ? `${text}, so each is asked about ${round(times)} times less often` : text;
}

function round(value: number): string {
  return String(Math.round(value * 100) / 100);
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
