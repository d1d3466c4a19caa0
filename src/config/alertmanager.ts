import { quoted, type UnlocatedDiagnostic } from '../text/diagnostics.ts';
import type { PartiallyParsed } from '../text/partial-parse.ts';
import type { AlertmanagerSettings } from './config.ts';
import type { ConfigInput } from './schema/config.ts';
import { alertmanagerRefs } from './secret-refs.ts';

type Section = ConfigInput['alertmanager'];

/**
 * Returns diagnostics for contradictions in the section `alertmanager`. `config` is as for `crossCheck`.
 */
export function checkAlertmanager({
  alertmanager,
}: PartiallyParsed<ConfigInput>): readonly UnlocatedDiagnostic[] {
  if (alertmanager === undefined) return [];
  const { urls = [], basic_auth, bearer_token_file } = alertmanager;
  const { username, password_file } = basic_auth ?? {};
  const at = (text: string, ...path: readonly (string | number)[]): UnlocatedDiagnostic => ({
    path: ['alertmanager', ...path],
    text,
  });
  const found = urls.flatMap((url, i) => {
    const first = urls.indexOf(url);
    return url === undefined || first === i
      ? []
      : [at(`duplicate URL: the same as urls.${first}`, 'urls', i)];
  });
  if (username !== undefined && /[:\p{Cc}]/u.test(username)) {
    found.push(at('a colon or a control character is not possible in a user name', 'basic_auth', 'username'));
  }
  if (username !== undefined && password_file !== undefined && (username === '') !== (password_file === '')) {
    const missing = username === '' ? 'username' : 'password_file';
    found.push(at(`expected username and password_file; ${quoted(missing)} is missing`, 'basic_auth'));
  }
  if ((bearer_token_file ?? '') !== '' && ((username ?? '') !== '' || (password_file ?? '') !== '')) {
    found.push(at('expected bearer_token_file or basic_auth, not both', 'bearer_token_file'));
  }
  return found;
}

/** Returns the settings of the section `alertmanager`. Relative paths start at the directory of `file`. */
export function toAlertmanagerSettings(section: Section, file: string): AlertmanagerSettings {
  const { urls, basic_auth, language, runbook_base: runbookBase } = section;
  return {
    urls,
    username: basic_auth.username === '' ? undefined : basic_auth.username,
    secrets: Object.fromEntries(alertmanagerRefs(section, file).map(({ name, ref }) => [name, ref])),
    language,
    runbookBase,
  };
}
