/** Exposition formats. They differ in the heads of counters, in HELP escaping and in the last line. */
export type Format = 'text' | 'openmetrics';

export const contentTypes: Readonly<Record<Format, string>> = {
  text: 'text/plain; version=0.0.4; charset=utf-8',
  openmetrics: 'application/openmetrics-text; version=1.0.0; charset=utf-8',
};

/** Text after the last family. */
export const lastLines: Readonly<Record<Format, string>> = { text: '', openmetrics: '# EOF\n' };

/** Name, HELP and TYPE of a family. */
export interface Head {
  /** Without `_total`, also for a counter. */
  readonly name: string;
  readonly help: string;
  readonly type: string;
}

/** Returns the name on the lines of a family. */
export function lineName({ name, type }: Pick<Head, 'name' | 'type'>): string {
  return type === 'counter' ? `${name}_total` : name;
}

/** Renders the HELP and TYPE lines. OpenMetrics names a counter without `_total` there. */
export function headText(head: Head, format: Format): string {
  const name = format === 'openmetrics' ? head.name : lineName(head);
  return `# HELP ${name} ${escapeHelp(head.help, format)}\n# TYPE ${name} ${head.type}\n`;
}

function escapeHelp(help: string, format: Format): string {
  const escaped = help.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
  return format === 'openmetrics' ? escaped.replaceAll('"', '\\"') : escaped;
}
