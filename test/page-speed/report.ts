/** Bars (required values) of the medians in ms. */
export const bars = { load: 1000, search: 100, sort: 100 } as const;

export type Times = Readonly<Record<keyof typeof bars, readonly number[]>>;

const names = Object.keys(bars) as readonly (keyof typeof bars)[];

/** Returns a line for each measurement: median, ninth decile, bar. */
export function toReport(times: Times): string {
  const lines = names.map((name) => {
    const [median, ninth] = [quantile(times[name], 0.5), quantile(times[name], 0.9)];
    const verdict = median < bars[name] ? 'met' : 'missed';
    return `${name.padEnd(6)} median ${median.toFixed(0)} ms, p90 ${ninth.toFixed(0)} ms, bar ${bars[name]} ms: ${verdict}\n`;
  });
  return lines.join('');
}

/** Reports whether every median is below its bar. */
export function isMet(times: Times): boolean {
  return names.every((name) => quantile(times[name], 0.5) < bars[name]);
}

function quantile(values: readonly number[], q: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const value = sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))];
  if (value === undefined) throw new Error('nothing was measured');
  return value;
}
