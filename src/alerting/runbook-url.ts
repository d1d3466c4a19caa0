import type { Language } from './rules/rule.ts';

/** Directories of the runbooks, by language. */
const directories: Readonly<Record<Language, string>> = { en: '', zh: 'zh-CN/' };

/**
 * Returns the URL of the runbook of an alert. `base` is the URL below which the runbooks are, as in docs/runbooks; a slash
 * at its end is optional. `alert` can also be a variable of Grafana.
 */
export function runbookUrl(base: string, language: Language, alert: string): string {
  const slash = base.endsWith('/') ? '' : '/';
  return `${base}${slash}${directories[language]}${alert}.md`;
}
