import { checkWebConfig } from '../app/web-settings.ts';
import { type Config, domainCount } from '../config/config.ts';
import { libraryProblems } from '../config/credential-library.ts';
import { readConfigFile } from '../config/load.ts';
import { proxyEnvProblems } from '../config/proxy.ts';
import { openFileWarnings, secretFileWarnings } from '../config/secret-permissions.ts';
import { readSecrets } from '../config/secrets.ts';
import { readWebConfigFile, type WebConfig } from '../config/web/load.ts';
import { sortDiagnostics, toDiagnosticLines } from '../text/diagnostics.ts';
import { counted } from '../text/units.ts';
import { visible } from '../text/visible.ts';
import { toShortNumber } from './plan.ts';
import { planOf } from './plan-load.ts';
import type { Runtime } from './runtime.ts';

/**
 * Validates a config, a web config, or both. Prints all problems, or a summary of each valid file. Returns the
 * exit code: 0 if all files are valid, 2 if not.
 */
export async function checkConfig(
  files: { readonly configFile: string | undefined; readonly webConfigFile: string | undefined },
  runtime: Pick<Runtime, 'out' | 'err' | 'env'>,
): Promise<number> {
  const { configFile, webConfigFile } = files;
  const codes = [
    configFile === undefined ? 0 : await checkMainConfig(configFile, runtime),
    webConfigFile === undefined ? 0 : await checkWeb(webConfigFile, runtime),
  ];
  return Math.max(...codes);
}

async function checkWeb(file: string, { out, err }: Pick<Runtime, 'out' | 'err'>): Promise<number> {
  const checked = await checkWebConfig({ file, load: readWebConfigFile });
  if ('problems' in checked) {
    for (const line of toDiagnosticLines(file, checked.problems)) err(`${line}\n`);
    return 2;
  }
  for (const text of await openFileWarnings(checked.config.secretFiles)) {
    err(`${file}: warning: ${visible(text)}\n`);
  }
  out(`${file}: valid: ${webSummary(checked.config)}\n`);
  return 0;
}

/** Names what protects the HTTP server, so that a file without effect is noticed. */
function webSummary({ tls, users, rateLimit }: WebConfig): string {
  return [
    tls === undefined ? 'no TLS' : `TLS with ${tls.clientAuth}`,
    users.size === 0 ? 'no password' : counted(users.size, 'user'),
    ...(rateLimit === undefined ? [] : ['a rate limit']),
  ].join(', ');
}

/**
 * Validates the config in `file`. Prints all diagnostics (config problems), or a summary if the config is
 * valid. Returns the exit code: 0 if the config is valid, 2 if not. A missing secret or credential
 * library, or an unusable proxy of the environment, is only a warning, because the daemon can run on another
 * machine. So is a secret file that other users can read.
 */
async function checkMainConfig(
  file: string,
  { out, err, env }: Pick<Runtime, 'out' | 'err' | 'env'>,
): Promise<number> {
  const loaded = await readConfigFile(file);
  const read = await readSecrets(loaded.named, env);
  const missing = 'problems' in read ? read.problems : [];
  const accounts = 'config' in loaded ? loaded.config.accounts : [];
  const outside = [...proxyEnvProblems(accounts, env), ...libraryProblems(accounts, env)];
  const open = await secretFileWarnings(loaded.named);
  const warnings = [...missing, ...outside, ...open].map((problem) => ({
    ...problem,
    text: `warning: ${problem.text}`,
  }));
  const problems = 'problems' in loaded ? loaded.problems : [];
  for (const line of toDiagnosticLines(file, sortDiagnostics([...problems, ...warnings]))) err(`${line}\n`);
  if ('problems' in loaded) return 2;
  for (const line of [summary(loaded.config), ...smallBudgets(loaded.config)]) out(`${file}: ${line}\n`);
  return 0;
}

function summary(config: Config): string {
  const { accounts, pushTargets } = config;
  const targets = [
    counted(accounts.length, 'account'),
    counted(pushTargets.length, 'stream'),
    counted(domainCount(config), 'domain'),
  ];
  return `valid: ${targets.join(', ')}`;
}

/**
 * Returns a text for each operation whose budget (the configured request rate) is too small for the configured
 * intervals. The config is valid all the same: targets are then polled less often. The command `plan` tells
 * whether data is lost.
 */
function smallBudgets(config: Config): readonly string[] {
  return planOf(config).flatMap(({ account, operation, required, budget, allowed, isTooFast }) => {
    if (!isTooFast) return [];
    const [needed, limit, possible, factor] = [required, budget, allowed, required / allowed].map(
      toShortNumber,
    );
    return [
      `account ${account}: the intervals require ${needed} requests/s of ${operation}, but its budget of ${limit} allows only ${possible} (requests are spaced 10 % wider), so they become about ${factor} times as long; see the command plan`,
    ];
  });
}
