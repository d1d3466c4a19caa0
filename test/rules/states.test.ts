import { expect, test } from 'vitest';
import { toRuleFile } from '../../src/alerting/rule-file.ts';
import { createRules } from '../../src/alerting/rules.ts';
import { describeWithTool } from '../support/tools.ts';
import { runTestFiles } from './promtool.ts';
import { streamSeries, values } from './series.ts';

const stepSeconds = 5;
const steps = 360;
/** First step of the breaks: ten seconds on, twenty seconds off. */
const firstBreak = 120;
const lastSample = 595;
/** Step after which the other stream has bad samples. */
const firstBad = 330;
const isOn = (step: number) => step < firstBreak || (step - firstBreak) % 6 >= 4;

const rulesOf = (isPosting: boolean) =>
  toRuleFile(
    createRules({
      isPosting,
      scrapeMs: 5_000,
      job: 'livestream-exporter',
      labels: [],
      objective: 0.99,
      paces: [{ account: 'a', intervalMs: 5_000, staleAfterMs: 30_000 }],
    }),
    { language: 'en', runbookBase: undefined, header: '' },
  );

/** Number of steps up to a step in which there are samples. */
function onUpTo(step: number): number {
  return Array.from({ length: step }, (_, i) => Number(isOn(i + 1))).reduce((sum, one) => sum + one, 0);
}

function lastOn(step: number): number {
  return isOn(step) ? step : lastOn(step - 1);
}

/** First step without a further sample of the stream whose breaks are too short to be seen as missing, and which then ends. */
const ended = 300;
/** Step in which its last sample is stale. */
const stale = ended + 6;

function inDomain(
  domain: string,
  series: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(series).map(([name, own]) => [name.replace('push.example.com', domain), own]),
  );
}

/** Time in s of the last sample of a stream that ends, and since which another one is expected that nobody pushes. */
const [goneAt, dueAt] = [600, 705];
/** Time in s of the first evaluation of the rules after which nobody knows whether the blind stream is pushed. */
const blindAt = 625;

/** Streams with one trouble each, which lasts to the end, in a domain of their own. */
const lasting = inDomain('lasting.example.com', {
  ...streamSeries({
    stream: 'silent',
    steps,
    differ: {
      up: values(steps, (step) => Number(step * stepSeconds < goneAt + 30)),
      observed_seconds_total: values(steps, (step) => Math.min(step * stepSeconds, goneAt)),
      sample_timestamp_seconds: values(steps, (step) => Math.min(step * stepSeconds, goneAt)),
    },
  }),
  ...streamSeries({
    stream: 'due',
    steps,
    differ: {
      up: `0x${steps}`,
      expected: values(steps, (step) => Number(step * stepSeconds >= dueAt)),
      observed_seconds_total: `7200x${steps}`,
      sample_timestamp_seconds: `-100000x${steps}`,
    },
  }),
  ...streamSeries({
    stream: 'blind',
    steps,
    differ: { up: `1x${blindAt / stepSeconds - 3} stale` },
  }),
});

/** A stream with bad samples, whose series end after five minutes. */
const gone = Object.fromEntries(
  Object.entries(streamSeries({ stream: 'gone', steps: 60, differ: { bad_seconds_total: '0+5x60' } }))
    .filter(([series]) => series.includes('stream="gone"'))
    .map(([series, own]) => [series, `${own} stale`]),
);

const input = {
  ...streamSeries({
    steps,
    differ: {
      up: values(steps, (step) => Number(isOn(step))),
      observed_seconds_total: values(steps, (step) => stepSeconds * onUpTo(step)),
      sample_timestamp_seconds: values(steps, (step) => stepSeconds * lastOn(step)),
    },
  }),
  ...streamSeries({
    stream: 'steady',
    steps,
    differ: {
      bad_seconds_total: values(steps, (step) => stepSeconds * Math.max(0, step - firstBad)),
      sample_timestamp_seconds: values(steps, (step) => stepSeconds * step),
    },
  }),
  ...gone,
  ...streamSeries({
    stream: 'ended',
    steps,
    differ: {
      up: values(steps, (step) => Number(step < stale)),
      observed_seconds_total: values(steps, (step) => stepSeconds * onUpTo(Math.min(step, ended - 1))),
    },
  }),
};

/** What a series is at a time in seconds. */
interface Expected {
  readonly expr: string;
  readonly eval_time: string;
  readonly exp_samples: readonly { readonly labels: string; readonly value: number }[];
}

/** A recorded series of a stream at some times in seconds; undefined: it has no series. */
function ofStream(
  record: string,
  values: Readonly<Record<number, number | undefined>>,
  stream = 'news',
  domain = 'push.example.com',
): readonly Expected[] {
  const labels = `account="a", app_name="live", domain="${domain}", provider="tencent", stream="${stream}"`;
  return Object.entries(values).map(([seconds, value]) => ({
    expr: `${record}{stream="${stream}"}`,
    eval_time: `${seconds}s`,
    exp_samples: value === undefined ? [] : [{ labels: `${record}{${labels}}`, value }],
  }));
}

/** The recorded numbers of streams of the domain by state at some times in seconds. */
function ofDomain(
  counts: Readonly<Record<number, readonly (readonly [state: number, streams: number])[]>>,
): readonly Expected[] {
  const record = 'domain:livestream_push_state:count';
  const labels = 'account="a", domain="push.example.com", provider="tencent"';
  return Object.entries(counts).map(([seconds, states]) => ({
    expr: `${record}{domain="push.example.com"}`,
    eval_time: `${seconds}s`,
    exp_samples: states.map(([state, value]) => ({
      labels: `${record}{${labels}, state="${state}"}`,
      value,
    })),
  }));
}

function check(...expected: readonly Expected[]): void {
  checkWith({ isPosting: false }, ...expected);
}

function checkWith({ isPosting }: { readonly isPosting: boolean }, ...expected: readonly Expected[]): void {
  const series = Object.entries({ ...input, ...lasting }).map(([name, own]) => ({
    series: name,
    values: own,
  }));
  const tests = [{ interval: '5s', input_series: series, promql_expr_test: expected }];
  runTestFiles(rulesOf(isPosting), [{ evaluation_interval: '5s', tests }]);
}

describeWithTool('promtool', 'the recorded state of a stream', () => {
  // Times in seconds.
  const [up, inFirstBreak, inLaterBreak, afterLaterBreak] = [500, 615, 1335, 1345];

  test('is missing in the first break, and interrupted in later ones', () => {
    expect(() =>
      check(
        ...ofStream('stream:livestream_push_state:max', {
          [up]: 1,
          [inFirstBreak]: 4,
          [inLaterBreak]: 2.5,
          [afterLaterBreak]: 2.5,
        }),
      ),
    ).not.toThrow();
  });

  test.each([false, true])(
    'is missing when the breaks have turned into an end; the exporter posts the alerts: %s',
    (isPosting) => {
      expect(() =>
        checkWith(
          { isPosting },
          ...ofStream(
            'stream:livestream_push_state:max',
            { [inLaterBreak]: 2.5, [stale * stepSeconds + 60]: 4 },
            'ended',
          ),
        ),
      ).not.toThrow();
    },
  );

  test('ends with the series of the stream, although its bad samples are of the last minutes', () => {
    expect(() =>
      check(
        ...ofStream('stream:livestream_push_state:max', { 290: 3, 310: undefined }, 'gone'),
        ...ofStream('stream:livestream_push_trouble:max', { 290: 3, 310: undefined }, 'gone'),
      ),
    ).not.toThrow();
  });

  test('is recorded again in trouble only, and by domain', () => {
    expect(() =>
      check(
        ...ofStream('stream:livestream_push_trouble:max', {
          [up]: undefined,
          [inFirstBreak]: 4,
          [inLaterBreak]: 2.5,
        }),
        ...ofDomain({
          [up]: [[1, 3]],
          [inFirstBreak]: [
            [1, 2],
            [4, 1],
          ],
          [inLaterBreak]: [
            [1, 1],
            [2.5, 2],
          ],
        }),
      ),
    ).not.toThrow();
  });

  test('has one begin for as long as it lasts: the last sample, the first break, the first bad sample', () => {
    const since = 'stream:livestream_push_trouble_since_timestamp_seconds:max';
    const bad = firstBad * stepSeconds;
    expect(() =>
      check(
        ...ofStream(since, { [up]: undefined, [inFirstBreak]: lastSample, [inLaterBreak]: lastSample }),
        ...ofStream(since, { [bad]: undefined, [bad + 30]: bad, [bad + 120]: bad }, 'steady'),
        ...ofStream(
          since,
          { [goneAt + 90]: goneAt, [goneAt + 900]: goneAt },
          'silent',
          'lasting.example.com',
        ),
        ...ofStream(since, { [dueAt + 60]: dueAt, [dueAt + 900]: dueAt }, 'due', 'lasting.example.com'),
        ...ofStream(
          since,
          { 300: undefined, [blindAt + 60]: blindAt, [blindAt + 900]: blindAt },
          'blind',
          'lasting.example.com',
        ),
      ),
    ).not.toThrow();
  });

  test('has windows of bad time only with bad time', () => {
    const bad = firstBad * stepSeconds + 60;
    expect(() =>
      check(
        ...ofStream('stream:livestream_push_bad_seconds:increase5m', { 540: undefined, [bad]: 60 }, 'steady'),
        ...ofStream('stream:livestream_push_due_seconds:increase5m', { 540: 300 }, 'steady'),
      ),
    ).not.toThrow();
  });

  test('has breaks since the last sample before the first one, long before the alert of a stream that flaps', () => {
    const record = 'stream:livestream_push_breaks_since_timestamp_seconds:max';
    const since = { 30: undefined, 595: undefined, 640: lastSample, 900: lastSample, 1500: lastSample };
    const never = { 60: undefined, 600: undefined, 900: undefined, 1500: undefined };
    expect(() => check(...ofStream(record, since), ...ofStream(record, never, 'steady'))).not.toThrow();
  });
});
