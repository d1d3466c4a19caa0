/** What the project holds itself to: the median of a figure, over the rounds of one run. */
export interface Bar {
  readonly cell: string;
  /** By the figure's name. */
  readonly figure: string;
  readonly is: 'at least' | 'at most';
  readonly limit: number;
}

const sizes = ['scrape-100k', 'scrape-500k'] as const;

export const bars: readonly Bar[] = [
  ...sizes.flatMap((cell): readonly Bar[] => [
    { cell, figure: 'plain, prom-client / plain, ours: wall', is: 'at least', limit: 15 },
    { cell, figure: 'plain, prom-client / plain, ours: CPU', is: 'at least', limit: 15 },
    { cell, figure: 'plain, ours / plain, kept bytes: wall', is: 'at most', limit: 6 },
    { cell, figure: 'plain, ours: longest pause', is: 'at most', limit: 20 },
    { cell, figure: 'gzip, prom-client / gzip, ours: wall', is: 'at least', limit: 8 },
    { cell, figure: 'gzip, prom-client / gzip, ours: CPU', is: 'at least', limit: 7 },
    { cell, figure: 'gzip, ours / gzip, prom-client: size', is: 'at most', limit: 1.15 },
    { cell, figure: 'gzip, ours: longest pause', is: 'at most', limit: 20 },
    { cell, figure: 'gzip, prom-client / gzip again, ours: CPU', is: 'at least', limit: 50 },
  ]),
];
