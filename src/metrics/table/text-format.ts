/**
 * Exposition formats: Prometheus text 0.0.4 and OpenMetrics 1.0.0. They differ in the HELP and TYPE lines of
 * counters, in the escaping of HELP texts and in the last line.
 */
export type Format = 'text' | 'openmetrics';

export const contentTypes: Readonly<Record<Format, string>> = {
  text: 'text/plain; version=0.0.4; charset=utf-8',
  openmetrics: 'application/openmetrics-text; version=1.0.0; charset=utf-8',
};

/** Last line of a response in each format; empty if the format has none. */
export const lastLines: Readonly<Record<Format, string>> = { text: '', openmetrics: '# EOF\n' };

/** Head of a metric family: its name, HELP text and type. */
export interface Head {
  /** Name of the family, without the suffix `_total` even for a counter. */
  readonly name: string;
  readonly help: string;
  readonly type: string;
}

/** Returns the metric name in the value lines of a family. The name of a counter gets the suffix `_total`. */
export function lineName({ name, type }: Pick<Head, 'name' | 'type'>): string {
  return type === 'counter' ? `${name}_total` : name;
}

/**
 * Renders the HELP and TYPE lines of a family. In these lines, the name of a counter has the suffix `_total`
 * in the text format, but not in OpenMetrics.
 */
export function headText(head: Head, format: Format): string {
  const name = format === 'openmetrics' ? head.name : lineName(head);
  return `# HELP ${name} ${escapeHelp(head.help, format)}\n# TYPE ${name} ${head.type}\n`;
}

/** Escapes a HELP text. Only OpenMetrics escapes quotes. */
function escapeHelp(help: string, format: Format): string {
  const escaped = help.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
  return format === 'openmetrics' ? escaped.replaceAll('"', '\\"') : escaped;
}
