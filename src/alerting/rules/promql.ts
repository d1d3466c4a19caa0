/** Identity labels of a stream. Only they are labels of a stream alert, besides labels of the config. */
export const identity = 'account, provider, domain, app_name, stream';

/** Matcher of a label, such as `collector="push_stats"`. */
export type Matcher = string;

/** Returns a selector of a metric with matchers. */
export function select(metric: string, matchers: readonly Matcher[] = []): string {
  return matchers.length === 0 ? metric : `${metric}{${matchers.join(', ')}}`;
}

/** Returns a selector of the series that Prometheus has while an alert fires. */
export function firing(alert: string, matchers: readonly Matcher[] = []): string {
  return select('ALERTS', [`alertname="${alert}"`, 'alertstate="firing"', ...matchers]);
}

/** Returns a matcher that accepts exactly the given values of a label. */
export function oneOf(label: string, values: readonly string[]): Matcher {
  return `${label}=~${quoted(values.map(escaped).join('|'))}`;
}

/** Returns a matcher that accepts all values of a label but the given ones. */
export function noneOf(label: string, values: readonly string[]): Matcher {
  return `${label}!~${quoted(values.map(escaped).join('|'))}`;
}

/** Escapes the text for a regular expression. */
function escaped(text: string): string {
  return text.replaceAll(/[\\^$.|?*+()[\]{}]/g, '\\$&');
}

function quoted(text: string): string {
  return `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')}"`;
}

/**
 * Returns the maximum per stream. Labels of the exporter, of its host and of the scrape config are not part of an
 * alert: several exporters can watch the same stream, and an alert is about the stream.
 */
export function perStream(expr: string): string {
  return `max by (${identity}) (\n${indented(expr)}\n)`;
}

/** Indents each line of an expression by two spaces. */
export function indented(expr: string): string {
  return expr.replaceAll(/^(?=.)/gm, '  ');
}

/** Removes the common indentation and the outer line breaks of a template text. */
export function dedented(text: string): string {
  const lines = text.replace(/^\n/, '').trimEnd().split('\n');
  const depths = lines.filter((line) => line.trim() !== '').map((line) => line.search(/\S/));
  const depth = Math.min(...depths);
  return lines.map((line) => line.slice(depth)).join('\n');
}

/** Joins the lines of a short expression. */
export function oneLine(expr: string): string {
  return expr
    .replaceAll(/\(\n\s*/g, '(')
    .replaceAll(/\n\s*\)/g, ')')
    .replaceAll(/\s*\n\s*/g, ' ');
}
