import { minuteMs, secondMs } from '../../model/time.ts';
import { toDurationText } from '../../text/units.ts';
import { dedented, identity, oneLine, perStream as perStreamLines, select } from './promql.ts';
import type { RecordingRule, RuleGroup } from './rule.ts';
import { missingRecord } from './stream-context.ts';
import { longWindowOf, type StreamClass } from './timing.ts';

const onStream = `on (${identity})`;
const state = 'stream:livestream_push_state:max';
const trouble = 'stream:livestream_push_trouble:max';
const breaksSince = 'stream:livestream_push_breaks_since_timestamp_seconds:max';
const troubleSince = 'stream:livestream_push_trouble_since_timestamp_seconds:max';

/**
 * Returns the rules that record the state of each stream for dashboards: a graph over many streams that
 * computed it for each of its points would cost seconds. 4: expected live, but not pushed. 3: bad samples
 * were counted lately. 2.5: interrupted again and again. 2: unknown. 1: pushed. 0: not pushed.
 *
 * A push that is interrupted again and again is missing for a moment in each break. Only the alert of a missing stream
 * makes it missing. The alert about the breaks outlasts the expected hours; the state does not.
 */
export function stateRules(classes: readonly StreamClass[], scrapeMs: number): RuleGroup {
  const intervalMs = Math.max(15 * secondMs, scrapeMs);
  return {
    name: 'livestream-states',
    intervalMs,
    rules: [
      ...classes.map((each) => stateRule(each, scrapeMs)),
      ...troubleRules,
      ...classes.map((each) => breaksRule(each)),
      ...classes.map((each) => sinceRule(each, scrapeMs, intervalMs)),
    ],
  };
}

const perStream = (expr: string) => oneLine(perStreamLines(expr));

function stateRule({ matchers, stepMs, isFastest }: StreamClass, scrapeMs: number): RecordingRule {
  const metric = (name: string) => select(`livestream_${name}`, matchers);
  const flapping = perStream(select('ALERTS_FOR_STATE', ['alertname="LivestreamPushFlapping"', ...matchers]));
  const interrupted = `(${flapping} unless ${onStream} ${select(missingRecord, matchers)})`;
  const lately = latelyOf(stepMs, scrapeMs);
  return {
    record: state,
    ...(isFastest && {
      comment:
        'State of each stream, for dashboards. 4: missing (expected live, but not pushed). 3: degraded (bad ' +
        'samples were counted lately). 2.5: interrupted (LivestreamPushFlapping is pending or firing). 2: unknown. ' +
        '1: up. 0: not pushed.',
    }),
    expr: dedented(`
            (${perStream(metric('push_up'))} < ${perStream(metric('push_expected'))}) * 0 + 4
              unless ${onStream} ${interrupted}
          or
            (${perStream(`increase(${metric('push_bad_seconds_total')}[${lately}]) > 0`)} * 0 + 3
              or ${interrupted} * 0 + 2.5
              and ${onStream} ${perStream(metric('push_expected'))} == 1)
              and ${onStream} ${perStream(metric('stream_info'))}
          or
            ${perStream(metric('push_up'))}
          or
            ${perStream(metric('stream_info'))} * 0 + 2`),
  };
}

/** Range in which bad samples make a stream degraded. */
function latelyOf(stepMs: number, scrapeMs: number): string {
  return toDurationText(Math.max(2 * minuteMs, 2 * stepMs, 4 * scrapeMs));
}

/**
 * What a refresh of a dashboard would otherwise look for among all streams: reading a series for each of them is what it
 * costs, and few are in trouble.
 */
const troubleRules: readonly RecordingRule[] = [
  {
    record: trouble,
    comment:
      'State of the streams in trouble only (missing, degraded, interrupted, unknown): dashboards read few series instead ' +
      'of one per stream.',
    expr: `${state} > 1`,
  },
  {
    record: 'domain:livestream_push_state:count',
    comment:
      'Number of streams by domain and state. It shows that a state without streams is zero, and not unknown.',
    expr: `count_values by (account, provider, domain) ("state", ${state})`,
  },
];

/**
 * Returns the rule that records since when a stream has breaks, which LivestreamPushFlapping notices up to five minutes
 * later. A first break begins as much time ago as the last minute lacks. Then the begin stays, as long as the last minutes
 * lack time. A step in which the counter grows is no break.
 */
function breaksRule({ matchers, stepMs, isFastest }: StreamClass): RecordingRule {
  const metric = (name: string) => select(`livestream_${name}`, matchers);
  const recentMs = Math.max(minuteMs, 4 * stepMs);
  const longMs = longWindowOf(stepMs);
  const observed = metric('push_observed_seconds_total');
  /** Share of a window that samples cover, if that is less than all but a step and `slackMs`. */
  const lacking = (windowMs: number, slackMs: number) => {
    const limit = Math.floor(100 * (1 - (stepMs + slackMs) / windowMs)) / 100;
    return `${perStream(`rate(${observed}[${toDurationText(windowMs)}])`)} < ${limit}`;
  };
  return {
    record: breaksSince,
    ...(isFastest && {
      comment:
        'Time since which the samples of a stream that is expected live have had holes again and again, for dashboards.',
    }),
    expr: dedented(`
            ${select(breaksSince, matchers)}
              and ${onStream} ${lacking(longMs, 5 * secondMs)}
          or
              time()
            -
                ${recentMs / secondMs}
              *
                (
                    1
                  -
                    (
                        ${lacking(recentMs, 10 * secondMs)}
                      and ${onStream} ${perStream(metric('push_expected'))} == 1
                      and ${onStream} ${observed} offset ${toDurationText(recentMs)}
                    )
                )`),
  };
}

/**
 * Returns the rule that records since when a stream is in its state of trouble, as the status page says: a missing stream
 * since its last sample, or since it is expected; a degraded one since its first bad sample; an interrupted one since its
 * first break; an unknown one since it is unknown. The begin stays as long as the state does. If Prometheus has forgotten
 * it, the begin of the alert of a missing stream is the next best.
 */
function sinceRule(
  { matchers, stepMs, isFastest }: StreamClass,
  scrapeMs: number,
  intervalMs: number,
): RecordingRule {
  const recorded = (name: string) => select(name, matchers);
  const metric = (name: string) => select(`livestream_push_${name}`, matchers);
  const is = (number: number) => `${recorded(trouble)} == ${number}`;
  const begun = (alert: string) =>
    perStream(select('ALERTS_FOR_STATE', [`alertname="${alert}"`, ...matchers]));
  const sampleAt = (number: number) =>
    perStream(`${metric('sample_timestamp_seconds')} and ${onStream} ${is(number)}`);
  /** A stream whose last sample is much older than its missing state was not expected when it ended. */
  const maxSilence = longWindowOf(stepMs) / secondMs;
  const missing = `(${begun('LivestreamPushMissing')} and ${is(4)} or 0 * (${is(4)}) + time())`;
  const breaking = `(${begun('LivestreamPushFlapping')} and ${is(2.5)})`;
  return {
    record: troubleSince,
    ...(isFastest && {
      comment:
        'Time since which a stream is in its state of trouble, for dashboards. Missing: last sample, or since it is ' +
        'expected. Degraded: first bad sample. Interrupted: first break. Unknown: since it is unknown.',
    }),
    expr: dedented(`
            ${recorded(troubleSince)}
              and (${recorded(trouble)} == ${recorded(trouble)} offset ${toDurationText(intervalMs)})
          or
            ${sampleAt(4)} > ${missing} - ${maxSilence}
          or
            ${missing}
          or
            ${sampleAt(3)} - ${perStream(`increase(${metric('bad_seconds_total')}[${latelyOf(stepMs, scrapeMs)}])`)}
          or
            ${recorded(breaksSince)} < ${breaking}
          or
            ${breaking}
          or
            0 * (${is(2)}) + time()`),
  };
}
