import { minuteMs, secondMs } from '../model/time.ts';
import { toDurationText } from '../text/units.ts';
import { clockRemedy, toSeconds } from './diagnose-failure.ts';
import { unitFindings } from './diagnose-units.ts';
import { type AccountFacts, type CheckTarget, type ClockFacts, isLive, type PushFacts } from './facts.ts';
import type { Finding } from './finding.ts';
import { causeOfWarning, type Reading } from './reading.ts';
import type { UnitOptions } from './units.ts';

/** Minimum clock offset in ms that is remarked: `Date` has whole seconds. */
const notableOffsetMs = 3 * secondMs;

/**
 * Time in ms after which a stream that is listed as live must have samples, in addition to the expected
 * delay.
 */
const startMs = 5 * minuteMs;

/** Maximum delay in ms that the config accepts. */
const maxDelayMs = 29 * minuteMs;

/**
 * Returns the findings that the content of the answers shows, check by check. `unitsOf` returns the unit of
 * an operation's bit rates; undefined if no setting changes it.
 */
export function diagnoseAnswers(
  { account, clock, checks }: Pick<AccountFacts, 'account' | 'clock' | 'checks'>,
  unitsOf: (operation: string) => UnitOptions | undefined,
): readonly Finding[] {
  const readings = checks.flatMap((check): readonly Reading[] =>
    check.result.kind === 'answered'
      ? [{ check, answer: check.result, common: { account, operations: [check.operation] } }]
      : [],
  );
  return [
    ...clockFindings(account, clock, readings),
    ...readings.flatMap((reading) => [
      ...appFindings(reading),
      ...delayFindings(reading),
      ...unreadableFindings(reading),
      ...warningFindings(reading),
    ]),
    ...unitFindings(readings, unitsOf),
  ];
}

function clockFindings(account: string, clock: ClockFacts, readings: readonly Reading[]): readonly Finding[] {
  const { offsetMs = 0, toleranceMs } = clock;
  // A larger offset makes requests fail, so it has a finding of its own.
  if (readings.length === 0 || Math.abs(offsetMs) < notableOffsetMs || Math.abs(offsetMs) > toleranceMs) {
    return [];
  }
  const operations = readings.map(({ check }) => check.operation);
  return [{ account, cause: 'clock', severity: 'remark', operations, ...clockRemedy(clock) }];
}

function appFindings({ check, answer: { otherApp }, common }: Reading): readonly Finding[] {
  if (otherApp === undefined) return [];
  const { configured, found } = otherApp;
  const what = check.target.stream ?? `streams of ${check.target.domain}`;
  // Publishers choose the application, so it can contain characters that mean something in YAML.
  const inYaml = /^[A-Za-z][\w-]*$/.test(found) ? found : JSON.stringify(found);
  const isCase = configured.toLowerCase() === found.toLowerCase();
  return [
    {
      ...common,
      cause: 'app_name',
      severity: 'problem',
      title: `${what}: there is data under the application "${found}", and none under "${configured}" of the config`,
      summary: `set app_name: ${found}`,
      remedy: [
        isCase
          ? 'write the application exactly as in the URL to which streams are pushed: the provider distinguishes case'
          : 'set the application of the URL to which streams are pushed: rtmp://DOMAIN/APP_NAME/STREAM',
        'without an application, the exporter and the provider mean "live"',
      ],
      paste: check.question === 'online_streams' ? `app_names: [${inYaml}]` : `app_name: ${inYaml}`,
    },
  ];
}

function delayFindings({ check, answer, common }: Reading): readonly Finding[] {
  const { push } = answer;
  if (push === undefined) return [];
  const { ageMs, expectedDelayMs, listedForMs } = push;
  const stream = check.target.stream ?? '';
  if (ageMs === undefined) {
    if (listedForMs === undefined || listedForMs < expectedDelayMs + startMs) {
      return answer.otherApp === undefined ? [idleFinding(common, check.target)] : [];
    }
    return [
      {
        ...common,
        cause: 'no_history',
        severity: 'problem',
        title: `${stream} is listed as live for ${toDurationText(wholeMinutes(listedForMs))}, but has no samples in the last hour`,
        summary: 'check the domain',
        remedy: [
          'check that the domain of the stream is the one to which it is pushed',
          'if it is, the samples are more than an hour late or in an unknown form: run the command again with --record=DIR and report the files of DIR',
        ],
      },
    ];
  }
  if (ageMs <= expectedDelayMs || !isLive(push)) return [];
  return [lateFinding(common, stream, push, ageMs)];
}

/** Returns the remark that no stream is live, which is no problem, but looks like a wrong name. */
function idleFinding(common: Reading['common'], target: CheckTarget): Finding {
  return {
    ...common,
    cause: 'nothing_live',
    severity: 'remark',
    title: `no data of the last hour for ${pathOf(target)}: nothing was live, or a name in the config differs`,
    summary: 'nothing, if nothing is live',
    remedy: [
      'if the stream is live now, compare domain, app_name and stream with the URL to which it is pushed: rtmp://DOMAIN/APP_NAME/STREAM',
    ],
  };
}

function wholeMinutes(ms: number): number {
  return Math.floor(ms / minuteMs) * minuteMs;
}

function pathOf({ domain, appName = '', stream = '' }: CheckTarget): string {
  return [domain, appName, stream].filter((part) => part !== '').join('/');
}

function lateFinding(
  common: Reading['common'],
  stream: string,
  { expectedDelayMs }: PushFacts,
  ageMs: number,
): Finding {
  const wanted = Math.ceil((ageMs + 5 * secondMs) / (5 * secondMs)) * 5;
  const isPossible = wanted * secondMs <= maxDelayMs;
  const limit = toSeconds(maxDelayMs);
  return {
    ...common,
    cause: 'data_delay',
    severity: 'problem',
    title: `samples of ${stream} arrive about ${toSeconds(ageMs)} after their measurement, later than expected_delay (${toSeconds(expectedDelayMs)})`,
    summary: isPossible ? `set expected_delay to ${wanted}s` : 'ask the provider',
    remedy: isPossible
      ? ['set expected_delay of the account, so that late samples count as normal and gauges show them']
      : [
          `the exporter supports delays up to ${limit}: ask the support of the provider why samples are later`,
        ],
    paste: isPossible ? `expected_delay: {push_stats: ${wanted}s}` : undefined,
  };
}

function unreadableFindings({ check, answer: { malformed, count }, common }: Reading): readonly Finding[] {
  if (malformed === 0) return [];
  return [
    {
      ...common,
      cause: 'unreadable_rows',
      // The exporter does not read these rows.
      severity: check.question === 'push_metrics' ? 'remark' : 'problem',
      title: `${malformed} of ${malformed + count} rows of the answer cannot be read`,
      summary: 'report the answer',
      remedy: ['run the command again with --record=DIR and report the files of DIR'],
    },
  ];
}

/**
 * Returns a finding for each warning, except those about units, for which `unitFindings` has a better one.
 */
function warningFindings({ answer: { warnings }, common }: Reading): readonly Finding[] {
  return warnings.flatMap((text): readonly Finding[] => {
    const cause = causeOfWarning(text);
    if (cause === 'unit') return [];
    const [title = text, advice] = splitOnce(text, /[:;] /);
    return [
      {
        ...common,
        cause,
        severity: cause === 'warning' ? 'remark' : 'problem',
        title,
        summary: summaries[cause],
        remedy: [advice ?? text],
        paste: /in UTC, not in the configured time_zone/.test(text) ? 'time_zone: UTC' : undefined,
      },
    ];
  });
}

const summaries = {
  time_zone: 'correct time_zone',
  domain_kind: 'write the streaming domain',
  warning: 'see the remark',
} as const;

function splitOnce(text: string, separator: RegExp): readonly string[] {
  const found = separator.exec(text);
  if (found === null) return [text];
  return [text.slice(0, found.index), text.slice(found.index + found[0].length)];
}
