/** The two ways of writing metrics down. They differ in the heads of counters, in help texts, and in the last line. */
export type Format = 'text' | 'openmetrics';

export const contentTypes: Readonly<Record<Format, string>> = {
  text: 'text/plain; version=0.0.4; charset=utf-8',
  openmetrics: 'application/openmetrics-text; version=1.0.0; charset=utf-8',
};

/** What stands after the last family. */
export const lastLines: Readonly<Record<Format, string>> = { text: '', openmetrics: '# EOF\n' };

/** A family as its head names it. */
export interface Head {
  /** Of a counter: without `_total`. */
  readonly name: string;
  readonly help: string;
  readonly type: string;
}

/** The name on the family's lines. */
export function lineName({ name, type }: Pick<Head, 'name' | 'type'>): string {
  return type === 'counter' ? `${name}_total` : name;
}

/** HELP and TYPE. OpenMetrics names a counter without `_total` there. */
export function headText(head: Head, format: Format): string {
  const name = format === 'openmetrics' ? head.name : lineName(head);
  return `# HELP ${name} ${escapeHelp(head.help, format)}\n# TYPE ${name} ${head.type}\n`;
}

function escapeHelp(help: string, format: Format): string {
  const escaped = help.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
  return format === 'openmetrics' ? escaped.replaceAll('"', '\\"') : escaped;
}
