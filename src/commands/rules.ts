import { toPrometheusRule, toRuleFile } from '../alerting/rule-file.ts';
import type { Language, RuleFormat } from '../alerting/rules/rule.ts';
import type { AccountPace } from '../alerting/rules/timing.ts';
import { createRules } from '../alerting/rules.ts';
import type { Config } from '../config/config.ts';
import { readConfigFile } from '../config/load.ts';
import { toDiagnosticLines } from '../text/diagnostics.ts';
import { planOf } from './plan-load.ts';
import type { Runtime } from './runtime.ts';

/** Settings of the command `rules`. */
export interface RulesFlags {
  readonly format: RuleFormat;
  readonly language: Language;
  /** URL below which the runbooks are; undefined if alerts have no `runbook_url`. */
  readonly runbookBase: string | undefined;
  /** Scrape interval of Prometheus in ms. */
  readonly scrapeMs: number;
  readonly job: string;
  /** Part of the time for which a stream must be good, such as 0.99. */
  readonly objective: number;
  /**
   * Assumed number of discovered streams per account. Many of them are polled slowly, which needs longer
   * windows.
   */
  readonly streams: number;
}

/**
 * Prints the alert rules for the config in `file`: their windows follow from the polling intervals that the
 * budget allows. Returns the exit code: 0, or 2 if the config is invalid.
 */
export async function runRules(
  file: string,
  flags: RulesFlags,
  { out, err }: Pick<Runtime, 'out' | 'err'>,
): Promise<number> {
  const loaded = await readConfigFile(file);
  if ('problems' in loaded) {
    for (const line of toDiagnosticLines(file, loaded.problems)) err(`${line}\n`);
    return 2;
  }
  out(rulesText(loaded.config, flags));
  return 0;
}

/** Returns the rule file for a config. */
export function rulesText(config: Config, flags: RulesFlags): string {
  const { format, language, runbookBase, scrapeMs, job, objective } = flags;
  const groups = createRules({
    scrapeMs,
    job,
    objective,
    labels: labelsOf(config),
    paces: pacesOf(config, flags.streams),
    isPosting: config.alertmanager.urls.length > 0,
  });
  const write = format === 'prometheus' ? toRuleFile : toPrometheusRule;
  return write(groups, { language, runbookBase, header });
}

const header =
  'Alert rules for livestream-exporter. Prometheus 2.42 or newer (keep_firing_for). This file is the output of ' +
  '"livestream-exporter rules": do not edit it, change the flags or the config. Each rule aggregates over all labels but ' +
  'those of the stream or account, so several exporters cause one alert, and addresses are never alert labels.';

/** Returns the names of the labels that the config gives to streams, sorted. */
function labelsOf({ pushTargets, discoveryTargets }: Config): readonly string[] {
  const all = [...pushTargets, ...discoveryTargets.map(({ push }) => push)];
  return [...new Set(all.flatMap(({ labels }) => Object.keys(labels)))].sort();
}

/** Returns the rhythm of each account that can poll push statistics, also of those whose streams are not known yet. */
function pacesOf(config: Config, discovered: number): readonly AccountPace[] {
  const { pushTargets, discoveryTargets } = config;
  return planOf(config, discovered).flatMap(({ account, question, targets, effectiveIntervalMs }) => {
    if (question !== 'push_stats') return [];
    const settings = [
      ...pushTargets.filter(({ stream }) => stream.account === account),
      ...discoveryTargets.flatMap((target) => (target.account === account ? [target.push] : [])),
    ];
    const staleAfterMs = settings.reduce((min, each) => Math.min(min, each.staleAfterMs), Infinity);
    return [{ account, intervalMs: targets === 0 ? 0 : effectiveIntervalMs, staleAfterMs }];
  });
}
