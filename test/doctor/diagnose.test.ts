import { expect, test } from 'vitest';
import { type DiagnosisContext, diagnose } from '../../src/doctor/diagnose.ts';
import type { AccountFacts, Answered, Check, PushFacts, Rate } from '../../src/doctor/facts.ts';
import { toTextReport } from '../../src/doctor/report.ts';
import { fittingUnit, wrongOne } from '../../src/doctor/units.ts';

const context: DiagnosisContext = {
  permissionService: 'CAM',
  policyFor: (operations) => ({ allow: operations }),
  unitsOf: () => ({ current: 'bit', bitsPer: { bit: 1, byte: 8, kbit: 1_000 } }),
};

const live: PushFacts = {
  ageMs: 2_000,
  isAdvancing: undefined,
  expectedDelayMs: 10_000,
  listedForMs: undefined,
  rates: [],
  minutes: [],
  expectedBps: undefined,
};

function factsOf(result: Check['result'], question: Check['question'] = 'push_stats'): AccountFacts {
  const target = { domain: 'push.example.com', appName: 'live', stream: 'room-1' };
  return {
    account: 't',
    provider: 'acme',
    problems: [],
    secrets: [],
    clock: { offsetMs: 0, toleranceMs: 25_000 },
    budgets: {},
    checks: [{ operation: 'GetRates', question, target, result }],
  };
}

function answered(push: Partial<PushFacts>, more: Partial<Answered> = {}): Answered {
  return { kind: 'answered', count: 1, malformed: 0, warnings: [], push: { ...live, ...push }, ...more };
}

const ratesOf = (bps: number): readonly Rate[] => Array.from({ length: 3 }, () => ({ fps: 25, bps }));
const causesOf = (facts: AccountFacts) =>
  diagnose(facts, context).map(({ cause, severity }) => `${cause} ${severity}`);

test.each<[string, Partial<PushFacts>, readonly string[]]>([
  ['fresh', {}, []],
  ['as late as expected', { ageMs: 10_000 }, []],
  ['late and advancing', { ageMs: 10_001, isAdvancing: true }, ['data_delay problem']],
  ['old and not advancing', { ageMs: 90_000, isAdvancing: false }, []],
  [
    'old, and still in a list that can be late too',
    { ageMs: 90_000, isAdvancing: false, listedForMs: 600_000 },
    [],
  ],
  ['old and listed, not watched', { ageMs: 90_000, listedForMs: 600_000 }, ['data_delay problem']],
  ['old, and listed only since', { ageMs: 90_000, listedForMs: 20_000 }, []],
  ['none', { ageMs: undefined }, ['nothing_live remark']],
  ['none, and just listed', { ageMs: undefined, listedForMs: 60_000 }, ['nothing_live remark']],
  ['none, and listed for long', { ageMs: undefined, listedForMs: 600_000 }, ['no_history problem']],
])('tells late data from a stream that is not live: %s', (_, push, causes) => {
  expect(causesOf(factsOf(answered(push)))).toEqual(causes);
});

test.each([
  [94_000, 'expected_delay: {push_stats: 100s}'],
  [95_000, 'expected_delay: {push_stats: 100s}'],
  [95_001, 'expected_delay: {push_stats: 105s}'],
  [1_735_000, 'expected_delay: {push_stats: 1740s}'],
  [1_735_001, undefined],
])('suggests an expected delay that the config accepts for %d ms', (ageMs, paste) => {
  const [finding] = diagnose(factsOf(answered({ ageMs, isAdvancing: true })), context);

  expect(finding?.paste).toBe(paste);
});

test.each<[string, number, number | undefined, string | undefined]>([
  ['kbit/s as bit/s', 2_500, undefined, 'bitrate_unit: {GetRates: kbit}'],
  ['bytes as bit/s, with an expectation', 15_000, 120_000, 'bitrate_unit: {GetRates: byte}'],
  ['a plausible rate', 300_000, undefined, undefined],
  ['a plausible rate far from the expectation, as of a failing stream', 300_000, 2_500_000, undefined],
])('suggests a unit: %s', (_, bps, expectedBps, paste) => {
  const [finding] = diagnose(factsOf(answered({ rates: ratesOf(bps), expectedBps })), context);

  expect(finding?.paste).toBe(paste);
});

test('does not conclude a unit from one still picture', () => {
  expect(causesOf(factsOf(answered({ rates: [{ fps: 1, bps: 8_000 }] })))).toEqual([]);
});

test('finds the rate with a wrong unit by its distance from the expected one', () => {
  expect(wrongOne(2_500_000, 312_500, 2_500_000)).toBe('second');
  expect(wrongOne(312_500, 2_500_000, 300_000)).toBe('second');
  expect(wrongOne(2_500, 2_400_000)).toBe('first');
  expect(wrongOne(2_500_000, 2_000_000)).toBeUndefined();
  expect(wrongOne(2_500_000, 80_000)).toBeUndefined();
  expect(fittingUnit(5, { current: 'bit', bitsPer: { bit: 1 } })).toBeUndefined();
});

test('remarks an operation that the account could have, with its policy', () => {
  const [finding, ...others] = diagnose(
    factsOf({ kind: 'not_offered', advice: 'grant it to see bans' }, 'forbidden_streams'),
    context,
  );

  expect(others).toEqual([]);
  expect(finding).toMatchObject({
    cause: 'permission',
    severity: 'remark',
    remedy: ['grant it to see bans'],
  });
  expect(finding?.paste).toContain('GetRates');
  expect(causesOf(factsOf({ kind: 'not_offered' }, 'forbidden_streams'))).toEqual([]);
});

test('remarks unreadable rows that only this command reads', () => {
  const result: Answered = { kind: 'answered', count: 1, malformed: 1, warnings: [] };

  expect(causesOf(factsOf(result, 'push_metrics'))).toEqual(['unreadable_rows remark']);
  expect(causesOf(factsOf(result, 'live_push_stats'))).toEqual(['unreadable_rows problem']);
});

test('classifies the warnings of readers', () => {
  const warned = (text: string) =>
    causesOf(factsOf(answered({ rates: ratesOf(2_000_000) }, { warnings: [text] })));

  expect(warned('VideoSpeed of a live stream is below 20000: its unit is probably not bit/s')).toEqual([
    'unit problem',
  ]);
  expect(warned('the times in the response are in UTC, and are read as UTC')).toEqual(['time_zone problem']);
  expect(warned('implausible frame rates are ignored')).toEqual(['warning remark']);
});

test('shows names of the provider without characters that a terminal obeys or that mean something in YAML', () => {
  const found = 'show\u001b[2J\nstreams: [x]';
  const facts = factsOf(answered({}, { otherApp: { configured: 'live', found } }));

  const report = toTextReport([{ facts, findings: diagnose(facts, context) }]);

  expect(report).not.toMatch(/[\p{Cc}--\n]/v);
  expect(report).toContain('application "show\\u001b[2J\\u000astreams:');
  expect(report).toContain(`\n        app_name: ${JSON.stringify(found)}\n`);
});
