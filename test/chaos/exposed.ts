import type { Values } from './verdict.ts';

/** Reads the series of a metric from an exposition, by these labels. Label values must not contain quotes. */
export function readExposed(text: string, metric: string, ...labels: readonly string[]): Values {
  const exposed = new Map<string, number>();
  for (const line of text.split('\n')) {
    if (!line.startsWith(`${metric}{`)) continue;
    const cut = line.lastIndexOf('} ');
    const values = new Map(
      [...line.slice(0, cut).matchAll(/(\w+)="([^"]*)"/g)].map(([, name = '', value = '']) => [name, value]),
    );
    exposed.set(labels.map((name) => values.get(name)).join(' '), Number(line.slice(cut + 2)));
  }
  return exposed;
}
