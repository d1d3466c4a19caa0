import type { Config } from '../../src/config/config.ts';
import { loadConfig } from '../../src/config/load.ts';
import { toDiagnosticLines } from '../../src/text/diagnostics.ts';

/** A whole config, to which streams can be added. */
export const account = `
accounts:
  - name: tencent
    provider: tencent
    statcgi: {app_id: 1234, key_env: TENCENT_STAT_KEY}
`;

export function load(text: string): Config {
  const loaded = loadConfig(text, 'config/test.yaml');
  if ('problems' in loaded) throw new Error(toDiagnosticLines('test.yaml', loaded.problems).join('\n'));
  return loaded.config;
}

export function problemsOf(text: string): readonly string[] {
  const loaded = loadConfig(text, 'test.yaml');
  return 'problems' in loaded ? toDiagnosticLines('test.yaml', loaded.problems) : [];
}
