import type { PostedAlertName, StreamAlert } from '../model/stream-alert.ts';
import type { AlertRule, Language, Text } from './rules/rule.ts';
import { streamText } from './rules/stream-texts.ts';
import { createRules } from './rules.ts';
import { runbookUrl } from './runbook-url.ts';

export interface AnnotationOptions {
  readonly language: Language;
  /** URL below which the runbooks are (see `runbookUrl`); empty if alerts have no `runbook_url`. */
  readonly runbookBase: string;
}

/** Rules of all alerts by name. Their labels do not depend on the options. */
const ruleOf: ReadonlyMap<string, AlertRule> = new Map(
  createRules({ scrapeMs: 5000, job: '', labels: [], objective: 0.99, paces: [] })
    .flatMap(({ rules }) => rules)
    .flatMap((rule) => ('alert' in rule ? [[rule.alert, rule] as const] : [])),
);

/**
 * Descriptions of the alerts whose rule describes a value that the rule computes. They contain no value that
 * changes, so that several exporters post the same text.
 */
const descriptions: Readonly<Partial<Record<PostedAlertName, (alert: StreamAlert) => Text>>> = {
  LivestreamPushFpsLow: ({ minFramesPerSecond: min }) => ({
    en:
      `${streamText.en} has a frame rate below its configured minimum of ${min} frames per second. Check the encoder ` +
      'of the stream and the network of the encoder.',
    zh: `${streamText.zh} 的帧率低于配置的下限（每秒 ${min} 帧）。请检查该流的编码器及其网络。`,
  }),
  LivestreamPushVideoStalled: () => ({
    en:
      `${streamText.en} is pushed without video, or with less than half of it. Check the camera and the encoder. If the ` +
      'stream has only audio, set expect.video: false in the config.',
    zh:
      `${streamText.zh} 在推流但没有视频，或视频不足一半。请检查摄像机和编码器。` +
      '如果该流只有音频，请在配置中设置 expect.video: false。',
  }),
};

/**
 * Returns the labels of an alert, sorted by name. They are those that the rule of the same name has in
 * Prometheus: the identity of the stream, its labels of the config, and the severity. Empty values are
 * omitted, as there.
 */
export function labelsOf({ name, stream, labels }: StreamAlert): Readonly<Record<string, string>> {
  const { account, provider, domain, appName, stream: streamName } = stream;
  const all = {
    ...labels,
    alertname: name,
    severity: presentRule(name).severity,
    ...{ account, provider, domain, app_name: appName, stream: streamName },
  };
  const given = Object.entries(all).filter(([, value]) => value !== '');
  return Object.fromEntries(given.sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Returns the annotations of an alert, with the texts of the rule of the same name. */
export function annotationsOf(
  alert: StreamAlert,
  { language, runbookBase }: AnnotationOptions,
): Readonly<Record<string, string>> {
  const { name, stream } = alert;
  const { summary, description } = presentRule(name);
  const template = (descriptions[name]?.(alert) ?? description)[language];
  const values: Readonly<Record<string, string>> = {
    account: stream.account,
    provider: stream.provider,
    domain: stream.domain,
    app_name: stream.appName,
    stream: stream.stream,
  };
  return {
    summary: summary[language],
    description: template.replaceAll(/\{\{ \$labels\.(\w+) \}\}/g, (_, label) => values[label] ?? ''),
    ...(runbookBase !== '' && { runbook_url: runbookUrl(runbookBase, language, name) }),
  };
}

function presentRule(name: PostedAlertName): AlertRule {
  const rule = ruleOf.get(name);
  if (rule === undefined) throw new Error(`there is no rule ${name}`);
  return rule;
}
