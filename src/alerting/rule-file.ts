import { toDurationText } from '../text/units.ts';
import { type Comment, toCommentedYaml } from '../text/yaml.ts';
import type { AlertRule, Language, Rule, RuleGroup } from './rules/rule.ts';
import { runbookUrl } from './runbook-url.ts';

export interface RuleFileOptions {
  readonly language: Language;
  /** URL below which the runbooks are, as in docs/runbooks; undefined if alerts have no runbook_url. */
  readonly runbookBase: string | undefined;
  /** Comment at the start of the file. */
  readonly header: string;
}

/** Returns the groups as a Prometheus rule file in YAML. */
export function toRuleFile(groups: readonly RuleGroup[], options: RuleFileOptions): string {
  return toCommentedYaml({ groups: groups.map((group) => toGroup(group, options)) }, [
    { path: [], text: options.header },
    ...comments(groups, ['groups']),
  ]);
}

/** Returns the groups as a PrometheusRule, a resource of the Prometheus operator in Kubernetes. */
export function toPrometheusRule(groups: readonly RuleGroup[], options: RuleFileOptions): string {
  const resource = {
    apiVersion: 'monitoring.coreos.com/v1',
    kind: 'PrometheusRule',
    metadata: { name: 'livestream-exporter', labels: { 'app.kubernetes.io/name': 'livestream-exporter' } },
    spec: { groups: groups.map((group) => toGroup(group, options)) },
  };
  return toCommentedYaml(resource, [
    { path: [], text: options.header },
    ...comments(groups, ['spec', 'groups']),
  ]);
}

function comments(groups: readonly RuleGroup[], path: Comment['path']): readonly Comment[] {
  return groups.flatMap(({ rules }, g) =>
    rules.flatMap(({ comment }, r) =>
      comment === undefined ? [] : [{ path: [...path, g, 'rules', r], text: comment }],
    ),
  );
}

function toGroup({ name, intervalMs, rules }: RuleGroup, options: RuleFileOptions): object {
  return { name, interval: toDurationText(intervalMs), rules: rules.map((rule) => toRule(rule, options)) };
}

function toRule(rule: Rule, options: RuleFileOptions): object {
  if ('record' in rule) return { record: rule.record, expr: rule.expr };
  const { alert, expr, forMs, keepFiringMs, severity } = rule;
  return {
    alert,
    expr,
    ...(forMs !== undefined && { for: toDurationText(forMs) }),
    ...(keepFiringMs !== undefined && { keep_firing_for: toDurationText(keepFiringMs) }),
    labels: { severity },
    annotations: toAnnotations(rule, options),
  };
}

function toAnnotations(
  { alert, summary, description }: AlertRule,
  { language, runbookBase }: RuleFileOptions,
): object {
  return {
    summary: summary[language],
    description: description[language],
    ...(runbookBase !== undefined && { runbook_url: runbookUrl(runbookBase, language, alert) }),
  };
}
