import type { Exchange } from '../calls/exchanges.ts';
import type { Account } from '../config/config.ts';
import { libraryProblems } from '../config/credential-library.ts';
import { type Loaded, readConfigFile } from '../config/load.ts';
import { proxyEnvProblems } from '../config/proxy.ts';
import { readSecrets } from '../config/secrets.ts';
import { diagnose } from '../doctor/diagnose.ts';
import { isHealthy, toTextReport } from '../doctor/report.ts';
import { toJsonReport } from '../doctor/report-json.ts';
import { type Diagnostic, toDiagnosticLines } from '../text/diagnostics.ts';
import { counted } from '../text/units.ts';
import { contextOf, type ExaminedAccount, examineAccount } from './doctor-account.ts';
import type { DoctorFlags } from './doctor-flags.ts';
import { type Redacted, redactExchanges } from './doctor-recording.ts';
import { prepareRecordDirectory, saveRecordings } from './record-directory.ts';
import type { Runtime } from './runtime.ts';

/**
 * Sends one real request per account and operation of the config in `file`, and prints the cause and the
 * remedy of each problem. Can save the answers without names, addresses and secrets. Returns the exit code: 0
 * if there is no problem, 1 if there is one or a file cannot be written, 2 if the config or the directory for
 * the answers is unusable.
 */
export async function runDoctor(
  file: string,
  { format, recordDirectory, requestMs }: DoctorFlags,
  runtime: Pick<Runtime, 'out' | 'err' | 'env' | 'clock' | 'random' | 'nonce' | 'signal'>,
): Promise<number> {
  const { out, err, env, clock } = runtime;
  const loaded = await readConfigFile(file);
  if ('problems' in loaded) {
    for (const line of toDiagnosticLines(file, loaded.problems)) err(`${line}\n`);
    return 2;
  }
  const problem = recordDirectory && (await prepareRecordDirectory(recordDirectory));
  if (problem) {
    err(`--record=${recordDirectory}: ${problem}\n`);
    return 2;
  }
  const { config } = loaded;
  const accounts = await withSecrets(file, loaded, env);
  const exchanges: (readonly [Account, Exchange])[] = [];
  const onExchange = (account: Account, exchange: Exchange) => {
    if (recordDirectory !== undefined) exchanges.push([account, exchange]);
  };
  const parts = { ...runtime, config, requestMs, onExchange };
  const examine = async (examined: ExaminedAccount) => {
    const facts = await examineAccount(examined, parts);
    return { facts, findings: diagnose(facts, contextOf(examined.account)) };
  };
  const reports = await Promise.all(accounts.map(examine)).catch((error: unknown) => {
    if (runtime.signal.aborted) return undefined;
    throw error;
  });
  if (reports === undefined) {
    err('stopped before all operations were checked\n');
    return 1;
  }
  out(format === 'json' ? toJsonReport(reports, clock.now()) : toTextReport(reports));
  const code = isHealthy(reports) ? 0 : 1;
  if (recordDirectory === undefined) return code;
  const secrets = accounts.flatMap((account) => [...account.secrets.values()]);
  return Math.max(code, await save(recordDirectory, redactExchanges(exchanges, config, secrets), err));
}

/**
 * Saves the recordings. Reports their number on standard error, because standard output can be JSON. Returns
 * the exit code.
 */
async function save(
  directory: string,
  { recordings, leaking }: Redacted,
  err: Runtime['err'],
): Promise<number> {
  for (const operation of leaking) {
    err(
      `${operation}: answer not saved, because a name, address or secret could not be removed from it; report this\n`,
    );
  }
  try {
    const count = await saveRecordings(directory, recordings);
    err(
      `${counted(count, 'answer')} saved in ${directory}, without names, addresses and secrets; read the files before you send them\n`,
    );
    return leaking.length === 0 ? 0 : 1;
  } catch (error) {
    err(`--record=${directory}: ${error instanceof Error ? error.message : String(error)}\n`);
    return 1;
  }
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
