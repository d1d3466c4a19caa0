/** Performance goal for the median of a figure over the rounds of one run. */
export interface Bar {
  readonly cell: string;
  /** Name of the figure. */
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
  ...['plain', 'gzip'].flatMap((kind): readonly Bar[] => [
    { cell: 'pause', figure: `100k ${kind}, ours: longest pause`, is: 'at most', limit: 20 },
    { cell: 'pause', figure: `500k ${kind}, ours: longest pause`, is: 'at most', limit: 20 },
    { cell: 'pause', figure: `${kind}, 500k / 100k: longest pause`, is: 'at most', limit: 2 },
  ]),
  { cell: 'changed', figure: 'gzip, prom-client / nothing changed, ours: CPU', is: 'at least', limit: 50 },
  // A ratio of one run: the CPU of a sample alone depends on the machine (4.1 us on an EPYC, 5.4 us on a Xeon).
  {
    cell: 'arrival',
    figure: 'prom-client (only shown) / ours (counted and shown)',
    is: 'at least',
    limit: 5,
  },
  ...['status page', 'API by cursor', 'API by offset'].map(
    (view): Bar => ({ cell: 'views', figure: `${view}: longest pause`, is: 'at most', limit: 10 }),
  ),
  { cell: 'viewers', figure: 'with / without viewers: wall', is: 'at most', limit: 1.25 },
  { cell: 'viewers', figure: 'with viewers: longest busy', is: 'at most', limit: 10 },
  { cell: 'fleet', figure: 'list of live streams: longest pause', is: 'at most', limit: 10 },
  { cell: 'fleet', figure: 'list of live pushes: longest pause', is: 'at most', limit: 20 },
  { cell: 'fleet', figure: 'Alibaba, list of live streams: longest busy', is: 'at most', limit: 10 },
  // All rows of these lists are in one response, or are elements with many texts: V8 copies those that are in use when
  // it collects its young generation, at once.
  ...[
    'Alibaba, list of live pushes',
    'Alibaba in XML, list of live streams',
    'Alibaba in XML, list of live pushes',
  ].map((list): Bar => ({ cell: 'fleet', figure: `${list}: longest busy`, is: 'at most', limit: 20 })),
  { cell: 'memory', figure: 'at rest, per series', is: 'at most', limit: 80 },
  { cell: 'memory', figure: 'in all, per stream', is: 'at most', limit: 3.5 },
  { cell: 'memory', figure: 'in all, per stream of API 3.0', is: 'at most', limit: 3.5 },
  { cell: 'memory', figure: 'growth in 5 gzip scrapes, per series, ours', is: 'at most', limit: 300 },
  { cell: 'churn', figure: 'all scrapes ended / start: heap', is: 'at most', limit: 1.2 },
  { cell: 'churn', figure: 'all scrapes ended / start: external', is: 'at most', limit: 1.2 },
  // While the other figures of this cell are measured, V8 compiles the code of both sides again, which hides a part of the
  // difference and varies: 0.84 for the first one on an EPYC, 0.57 to 0.88 on a Xeon.
  ...['ours / undici, steady', 'ours / undici, API 3.0, steady'].map(
    (sides): Bar => ({
      cell: 'collection',
      figure: `answers per second and core, ${sides}`,
      is: 'at least',
      limit: 0.4,
    }),
  ),
  { cell: 'collection', figure: 'CPU per answer, axios / ours, derived', is: 'at least', limit: 5 },
  // Relative to the requests alone, because the time depends on the machine: 8.6 s on an EPYC, 23 s on a Xeon.
  { cell: 'start', figure: 'start, cold / bare loop of requests: took', is: 'at most', limit: 12 },
  { cell: 'start', figure: 'reload, 10 % changed: longest busy', is: 'at most', limit: 100 },
  { cell: 'state', figure: '300 streams every 5 s: written per answer', is: 'at most', limit: 600 },
  { cell: 'state', figure: '50,000 streams every 60 s: written per answer', is: 'at most', limit: 1_000 },
  { cell: 'state', figure: '50,000 actions a day: written per action', is: 'at most', limit: 4_000 },
  ...['300 streams every 5 s', '50,000 streams every 60 s', '50,000 actions a day'].flatMap((name) =>
    ['save', 'load'].map(
      (what): Bar => ({
        cell: 'state',
        figure: `${name}: longest busy of a ${what}`,
        is: 'at most',
        limit: 10,
      }),
    ),
  ),
  { cell: 'prometheus', figure: 'ours / kept bytes', is: 'at most', limit: 1.3 },
];
