import { libraryProblems } from '../config/credential-library.ts';
import { type Loaded, readConfigFile } from '../config/load.ts';
import { proxyEnvProblems } from '../config/proxy.ts';
import { readSecrets } from '../config/secrets.ts';
import { diagnose } from '../doctor/diagnose.ts';
import { isHealthy, toTextReport } from '../doctor/report.ts';
import { toJsonReport } from '../doctor/report-json.ts';
import { type Diagnostic, toDiagnosticLines } from '../text/diagnostics.ts';
import { contextOf, type ExaminedAccount, examineAccount } from './doctor-account.ts';
import type { DoctorFlags } from './doctor-flags.ts';
import type { Runtime } from './runtime.ts';

/**
 * Sends one real request per account and operation of the config in `file`, and prints the cause and the remedy of each
 * problem. Returns the exit code: 0 if there is no problem, 1 if there is one, 2 if the config is invalid.
 */
export async function runDoctor(
  file: string,
  { format, requestMs }: DoctorFlags,
  runtime: Pick<Runtime, 'out' | 'err' | 'env' | 'clock' | 'random' | 'nonce' | 'signal'>,
): Promise<number> {
  const { out, err, env, clock } = runtime;
  const loaded = await readConfigFile(file);
  if ('problems' in loaded) {
    for (const line of toDiagnosticLines(file, loaded.problems)) err(`${line}\n`);
    return 2;
  }
  const { config } = loaded;
  const accounts = await withSecrets(file, loaded, env);
  const parts = { ...runtime, config, requestMs, onExchange: () => undefined };
  const reports = await Promise.all(
    accounts.map(async (examined) => {
      const facts = await examineAccount(examined, parts);
      return { facts, findings: diagnose(facts, contextOf(examined.account)) };
    }),
  );
  out(format === 'json' ? toJsonReport(reports, clock.now()) : toTextReport(reports));
  return isHealthy(reports) ? 0 : 1;
}

/** Reads the secrets of each account, so that a missing one concerns only its own account. */
function withSecrets(
  file: string,
  { config, named }: Extract<Loaded, { readonly config: unknown }>,
  env: Runtime['env'],
): Promise<readonly ExaminedAccount[]> {
  const outside = [...proxyEnvProblems(config.accounts, env), ...libraryProblems(config.accounts, env)];
  return Promise.all(
    config.accounts.map(async (account, index) => {
      const belongs = ({ path }: Pick<Diagnostic, 'path'>) => path.startsWith(`accounts.${index}.`);
      const read = await readSecrets(
        named.filter(({ position }) => belongs(position)),
        env,
      );
      const missing = 'problems' in read ? read.problems : [];
      const problems = toDiagnosticLines(file, [...missing, ...outside.filter(belongs)]);
      return { account, secrets: 'secrets' in read ? read.secrets : new Map(), problems };
    }),
  );
}
