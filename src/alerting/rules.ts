import { postedAlertNames } from '../model/stream-alert.ts';
import { accountRules } from './rules/account-rules.ts';
import { exporterRules, gapRules } from './rules/exporter-rules.ts';
import type { RuleGroup } from './rules/rule.ts';
import { sloRules } from './rules/slo-rules.ts';
import { stateRules } from './rules/state-rules.ts';
import { streamRules } from './rules/stream-rules.ts';
import { type AccountPace, classesOf } from './rules/timing.ts';

export interface RulesOptions {
  /** Scrape interval of Prometheus in ms. */
  readonly scrapeMs: number;
  /** Name of the scrape job of the exporter. */
  readonly job: string;
  /** Names of the labels that the config gives to streams. */
  readonly labels: readonly string[];
  /** Part of the time for which a stream must be good, such as 0.99. */
  readonly objective: number;
  /** Rhythms of the accounts that can poll push statistics. */
  readonly paces: readonly AccountPace[];
  /**
   * Whether the exporter posts the alerts `postedAlertNames` by itself, so that there are no rules for them.
   */
  readonly isPosting?: boolean;
}

/** Returns all rules. Groups are independent of each other, and Prometheus evaluates them in parallel. */
export function createRules(rulesOptions: RulesOptions): readonly RuleGroup[] {
  const { scrapeMs, job, labels, objective, paces, isPosting = false } = rulesOptions;
  const options = { scrapeMs, labels, isPosting };
  const classes = classesOf(paces, scrapeMs);
  const groups = [
    ...classes.map((each) => streamRules(each, options)),
    stateRules(classes, scrapeMs),
    accountRules({ ...options, slowestMs: Math.max(0, ...paces.map(({ intervalMs }) => intervalMs)) }),
    exporterRules({ scrapeMs, job }),
    sloRules(classes, { ...options, objective }),
    gapRules(scrapeMs),
  ];
  return isPosting ? groups.map(withoutPosted) : groups;
}

const postedNames: ReadonlySet<string> = new Set(postedAlertNames);

function withoutPosted(group: RuleGroup): RuleGroup {
  return { ...group, rules: group.rules.filter((rule) => !('alert' in rule && postedNames.has(rule.alert))) };
}
