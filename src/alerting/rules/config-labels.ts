import { identity, indented, type Matcher, select } from './promql.ts';
import type { RecordingRule } from './rule.ts';

/**
 * Returns the recording rule of the labels that `withLabels` adds; none if the config gives no labels. While a config is
 * rolled out, two exporters can have different labels of a stream, and a rule with two matches would fail.
 */
export function labelRecording(
  labels: readonly string[],
  matchers: readonly Matcher[],
): readonly RecordingRule[] {
  if (labels.length === 0) return [];
  const info = select('livestream_stream_info', matchers);
  const expr = `topk by (${identity}) (\n  1,\n  max by (${identity}, ${labels.join(', ')}) (${info})\n)`;
  return [{ record: labelRecord, comment: 'Labels of the config, which the alerts below get.', expr }];
}

const labelRecord = 'stream:livestream_stream_info:max';

/** Adds the labels of the config to an expression about streams. The value stays. */
export function withLabels(expr: string, labels: readonly string[]): string {
  if (labels.length === 0) return expr;
  return `(\n${indented(expr)}\n)\n* on (${identity}) group_left (${labels.join(', ')})\n  ${labelRecord}`;
}
