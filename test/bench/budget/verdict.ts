import { toTable } from '../../chaos/table.ts';
import type { Load } from './story.ts';

/** Measurement of one run. */
export interface Measured extends Load {
  readonly tookMs: number;
  readonly calls: number;
  /** Maximum number of calls in one calendar second at the provider. */
  readonly mostInOneSecond: number;
  readonly refused: number;
  readonly scrapes: number;
  /** Maximum age of a watermark in the scrapes after the first round; undefined if the run ended before. */
  readonly oldestWatermarkMs: number | undefined;
  /** Streams with `push_up` 1 in the last scrape before the provider stopped. */
  readonly streamsUp: number;
  /** Number of gauges that were missing or 0 in the scrape after they were above 0. */
  readonly flaps: number;
  /** Streams whose totals differ from the truth up to their watermark. */
  readonly wrong: readonly string[];
  readonly daemonCpuSeconds: number;
}

/** Returns the effective interval of a stream if the budget limits it. */
export function roundMs({ streams, perSecond }: Load): number {
  return (streams / perSecond) * 1_000;
}

/** Returns the maximum age of a watermark: 130 s for a round of 100 s. */
export function oldestAllowedMs(load: Load): number {
  return (11 * roundMs(load)) / 10 + 20_000;
}

/** Returns the missed bars, one sentence each. */
export function problemsOf(measured: Measured): readonly string[] {
  const { streams, perSecond, mostInOneSecond, refused, oldestWatermarkMs, streamsUp, flaps, wrong } =
    measured;
  const allowed = seconds(oldestAllowedMs(measured));
  const problems = [
    mostInOneSecond > perSecond && `a calendar second saw ${mostInOneSecond} calls, more than ${perSecond}`,
    refused > 0 && `${refused} calls were refused`,
    oldestWatermarkMs === undefined && 'it ended before the first round did',
    (oldestWatermarkMs ?? 0) >= oldestAllowedMs(measured) && `a watermark was ${allowed} s old or older`,
    streamsUp !== streams && `${streamsUp} of ${streams} streams are up`,
    flaps > 0 && `gauges flapped ${flaps} times`,
    wrong.length > 0 && `the totals of ${wrong.length} streams are wrong, such as ${wrong[0]}`,
  ];
  return problems.filter((problem) => problem !== false);
}

/** Renders a table and the missed bars. */
export function reportOf(measured: Measured): string {
  const { streams, perSecond, oldestWatermarkMs: oldest, calls, tookMs } = measured;
  const problems = problemsOf(measured);
  const table = toTable([
    [`${streams} streams, ${seconds(tookMs)} s`, 'measured', 'bar'],
    ['calls', `${calls}`, ''],
    ['calls a second', (calls / (tookMs / 1_000)).toFixed(2), ''],
    ['most calls in one calendar second', `${measured.mostInOneSecond}`, `<= ${perSecond}`],
    ['refused calls', `${measured.refused}`, '0'],
    [
      'oldest watermark after the first round, s',
      oldest === undefined ? 'none' : seconds(oldest),
      `< ${seconds(oldestAllowedMs(measured))}`,
    ],
    ['streams up', `${measured.streamsUp}`, `${streams}`],
    [`flaps in ${measured.scrapes} scrapes`, `${measured.flaps}`, '0'],
    ['streams with wrong totals', `${measured.wrong.length}`, '0'],
    ['CPU seconds of the daemon', measured.daemonCpuSeconds.toFixed(1), ''],
  ]);
  const verdict = problems.length === 0 ? ['all bars held'] : problems.map((problem) => `MISSED: ${problem}`);
  return `${table}${verdict.join('\n')}\n`;
}

function seconds(ms: number): string {
  return (ms / 1_000).toFixed(1);
}
