import { secondMs } from '../../src/model/time.ts';
import { toTable } from '../chaos/table.ts';
import type { Episode, Verdict } from './episodes.ts';

/** Formats the table and the verdict of a drill. */
export function toDrillReport({ rows, unprovoked, consequences, inhibitedEnds }: Verdict): string {
  const table = toTable([
    ['alert', 'of', 'expected', 'arrived', 'resolved', 'seconds'],
    ...rows.map(({ expectation: { alert, labels, causeAt, isEndless }, episode, problem }) => [
      alert,
      Object.values(labels).join('/'),
      '1',
      episode === undefined ? '0' : '1',
      isEndless ? '-' : episode?.resolvedAt === undefined ? '0' : problem === '' ? '1' : problem,
      episode === undefined ? '-' : ((episode.arrivedAt - causeAt) / secondMs).toFixed(1),
    ]),
  ]);
  const list = (title: string, episodes: readonly Episode[]) =>
    episodes.length === 0
      ? ''
      : `${title}\n${episodes.map(({ labels, firing, resolved }) => `  ${nameOf(labels)}, firing ${firing} times, resolved ${resolved} times\n`).join('')}`;
  const wrong = rows.filter(({ problem }) => problem !== '');
  return [
    table,
    list('consequences of the causes:', consequences),
    list('ends of alerts that were inhibited:', inhibitedEnds),
    list('UNPROVOKED:', unprovoked),
    ...wrong.map(({ expectation, problem }) => `FAIL: ${expectation.alert}: ${problem}\n`),
    `${rows.length} alerts expected, ${rows.length - wrong.length} arrived and ended as they should, ` +
      `${unprovoked.length} unprovoked\n`,
  ].join('');
}

/** Reports whether every expected alert arrived and ended, and no other. */
export function isPassed({ rows, unprovoked }: Verdict): boolean {
  return unprovoked.length === 0 && rows.every(({ problem }) => problem === '');
}

/** Returns the name and the labels of an alert that tell it apart. */
export function nameOf({ alertname, ...labels }: Readonly<Record<string, string>>): string {
  const shown = ['account', 'collector', 'operation', 'stream', 'instance'];
  return [alertname, ...shown.filter((name) => name in labels).map((name) => `${name}=${labels[name]}`)].join(
    ' ',
  );
}

/** Formats median, minimum and maximum of durations in ms as seconds. */
export function spreadText(durations: readonly number[]): string {
  const sorted = durations.toSorted((a, b) => a - b);
  const at = (i: number) => ((sorted[i] ?? Number.NaN) / secondMs).toFixed(1);
  const half = Math.floor(sorted.length / 2);
  return `median ${at(half)} s, ${at(0)} to ${at(sorted.length - 1)} s, ${sorted.length} values`;
}
