import { minuteMs, secondMs } from '../../model/time.ts';
import { parseDuration, toDurationText } from '../../text/units.ts';
import { withLabels } from './config-labels.ts';
import { dedented, firing, identity, select } from './promql.ts';
import type { AlertRule, RecordingRule, RuleGroup } from './rule.ts';
import { catchUpRate, type StreamRulesOptions } from './stream-context.ts';
import { streamText } from './stream-texts.ts';
import type { StreamClass } from './timing.ts';

export interface SloRulesOptions extends StreamRulesOptions {
  /** Part of the time for which a stream must be good, such as 0.99. */
  readonly objective: number;
}

const bad = 'stream:livestream_push_bad_seconds:increase5m';
const due = 'stream:livestream_push_due_seconds:increase5m';

/**
 * Returns the rules about the share of bad time (any condition, or missing), which use up the error budget of a stream:
 * fast within hours, or slowly within days. Source of the factors: The Site Reliability Workbook, chapter 5.
 */
export function sloRules(classes: readonly StreamClass[], { objective, labels }: SloRulesOptions): RuleGroup {
  const ratio = (range: string) => `sum_over_time(${bad}[${range}]) / (sum_over_time(${due}[${range}]) > 0)`;
  const percent = (value: number) => `${Number((value * 100).toPrecision(3))} %`;
  const slowestMs = Math.max(...classes.map(({ stepMs }) => stepMs));

  function burn(
    name: string,
    long: string,
    short: string,
    factor: number,
    severity: AlertRule['severity'],
    unless = '',
  ): AlertRule {
    const half = toDurationText((parseDuration(long) ?? 0) / 2);
    const limit = Number((factor * (1 - objective)).toPrecision(3));
    return {
      alert: `LivestreamPushBudgetBurn${name}`,
      comment: `The error budget of ${percent(1 - objective)} is used up ${factor} times as fast as it may. The short range ends the alert soon after the stream is good again. A stream that is known for less than half of the long range is not judged.`,
      expr: withLabels(
        dedented(`
            ${ratio(long)} > ${limit}
          and
            ${ratio(short)} > ${limit}
          and
            ${due} offset ${half}`) + unless,
        labels,
      ),
      forMs: 2 * minuteMs,
      // Between two slow polls, the short range contains nothing.
      keepFiringMs: Math.max(5 * minuteMs, slowestMs - (parseDuration(short) ?? 0)),
      severity,
      summary: {
        en: `A live stream has too much bad or missing time within ${long}.`,
        zh: `直播流在 ${long} 内质量不佳或缺失的时间过多。`,
      },
      description: {
        en:
          `${streamText.en} was bad or missing in {{ $value | humanizePercentage }} of the last ${long}; the objective ` +
          `allows ${percent(1 - objective)}. Look at the conditions and holes of the stream in its dashboard.`,
        zh:
          `${streamText.zh} 在最近 ${long} 内有 {{ $value | humanizePercentage }} 的时间质量不佳或缺失，` +
          `而目标只允许 ${percent(1 - objective).replace(' ', '')}。请在仪表盘中查看该流的质量问题和中断。`,
      },
    };
  }

  return {
    name: 'livestream-slo',
    intervalMs: minuteMs,
    rules: [
      ...classes.flatMap(recordings),
      burn('Fast', '1h', '10m', 14.4, 'warning'),
      // The short range of the slow one contains the end of the trouble for longer.
      burn(
        'Slow',
        '6h',
        '30m',
        6,
        'info',
        `\nunless on (${identity})\n  max_over_time(${firing('LivestreamPushBudgetBurnFast')}[30m])`,
      ),
    ],
  };
}

/** Returns the recording rules of the bad time of each stream of a class, and of the time in which it had to be good. */
function recordings({ matchers, stepMs, isFastest }: StreamClass): readonly RecordingRule[] {
  const increase = (name: string) =>
    `increase(${select(`livestream_push_${name}_seconds_total`, matchers)}[5m])`;
  // A poll counts all samples since the last one at once.
  const pastSeconds = (catchUpRate * Math.max(5 * minuteMs, stepMs)) / secondMs;
  const isPast = `${increase('observed')} > ${pastSeconds}`;
  return [
    {
      record: bad,
      ...(isFastest && {
        comment:
          'While samples of an outage are counted, more time is counted than passes. They are left out, so that the end of ' +
          'an outage fires no alert. A stream without bad time has no series: few have some, so that its sums cost little.',
      }),
      expr: dedented(`
        max by (${identity}) (
            ${increase('bad')} + ${increase('missing')} > 0
          unless
            ${isPast}
        )`),
    },
    {
      record: due,
      expr: dedented(`
        max by (${identity}) (
            ${increase('observed')} + ${increase('missing')}
          unless
            ${isPast}
        )`),
    },
  ];
}
