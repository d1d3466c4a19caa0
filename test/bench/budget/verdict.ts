import { toTable } from '../../chaos/table.ts';
import type { Load } from './story.ts';

/** What was measured of one run. */
export interface Measured extends Load {
  readonly tookMs: number;
  readonly calls: number;
  /** The most calls that the provider saw in one calendar second. */
  readonly mostInOneSecond: number;
  readonly refused: number;
  readonly scrapes: number;
  /** The largest age of a watermark in any scrape after the first round; undefined when the run ended before. */
  readonly oldestWatermarkMs: number | undefined;
  /** With `push_up` 1 in the last scrape before the provider fell silent. */
  readonly streamsUp: number;
  /** How often a gauge that one scrape showed was not shown by the next one. */
  readonly flaps: number;
  /** Streams whose totals are not what was true up to their watermark. */
  readonly wrong: readonly string[];
  readonly daemonCpuSeconds: number;
}

/** From one turn of a stream to its next, when the budget is what decides. */
export function roundMs({ streams, perSecond }: Load): number {
  return (streams / perSecond) * 1_000;
}

/** 130 s where a round takes 100. */
export function oldestAllowedMs(load: Load): number {
  return (11 * roundMs(load)) / 10 + 20_000;
}

/** What is not as it has to be, a sentence each. */
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

/** A table, and below it what is not as it has to be. */
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
