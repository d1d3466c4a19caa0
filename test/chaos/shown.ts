import type { Values } from './verdict.ts';

/** The series of a metric in an exposition, by these labels. Their values hold no quotes. */
export function readShown(text: string, metric: string, ...labels: readonly string[]): Values {
  const shown = new Map<string, number>();
  for (const line of text.split('\n')) {
    if (!line.startsWith(`${metric}{`)) continue;
    const cut = line.lastIndexOf('} ');
    const own = new Map(
      [...line.slice(0, cut).matchAll(/(\w+)="([^"]*)"/g)].map(([, name = '', value = '']) => [name, value]),
    );
    shown.set(labels.map((name) => own.get(name)).join(' '), Number(line.slice(cut + 2)));
  }
  return shown;
}
