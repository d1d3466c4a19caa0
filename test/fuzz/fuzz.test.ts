import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createDraws } from '../chaos/draws.ts';
import { createFailures, readFailure } from './failures.ts';
import { parseFlags } from './flags.ts';
import { heapProblem } from './heap.ts';
import { mutateText } from './mutate-text.ts';
import { mutateMildly, mutateTree } from './mutate-tree.ts';
import { type Failure, inputOf, problemOf, runCases } from './run-cases.ts';
import { parseStrictly } from './strict-exposition.ts';
import { supervise } from './supervise.ts';
import { BrokenLaw, law, lawOfLines, plantedSecret, targetOf } from './target.ts';
import { targets } from './targets/list.ts';

const seed = 1;
/** Cases of each target. Together they take a few seconds; `npm run fuzz` runs them for as long as wanted. */
const runs: Readonly<Record<string, number>> = {
  config: 150,
  'web-config': 300,
  answers: 4_000,
  polling: 40,
  state: 120,
  http: 50,
  flags: 5_000,
  scenario: 200,
};

test.each(targets.map((target) => [target.name, target] as const))(
  'keeps the laws of the target %s',
  { timeout: 300_000 },
  async (name, target) => {
    const session = await target.open();
    const failures: Failure[] = [];

    const cases = await runCases(session, {
      target: name,
      seed,
      onCase: (number) => number < (runs[name] ?? 0),
      onFailure: (failure) => failures.push(failure),
    });
    await session.close();

    expect(failures).toEqual([]);
    expect(cases).toBeGreaterThan(0);
  },
);

test('generates the same input for the same seed, target and number', async () => {
  for (const target of targets) {
    const [one, two] = [await target.open(), await target.open()];

    expect(inputOf(one, target.name, 5, 3), target.name).toEqual(inputOf(two, target.name, 5, 3));
    // A saved input is the same input again.
    expect(JSON.parse(JSON.stringify(inputOf(one, target.name, 5, 3)))).toEqual(
      inputOf(two, target.name, 5, 3),
    );
    await one.close();
    await two.close();
  }
});

/** A target whose every third input breaks a law. */
const brokenTarget = targetOf<number>('broken', () => ({
  generate: (draws) => draws.below(1_000),
  check: (input) => law(input % 3 > 0, 'an input is no multiple of three', input),
}));

test('finds inputs that break a law, and saves them so that they can be checked again', async () => {
  const session = await brokenTarget.open();
  const found: Failure[] = [];
  await runCases(session, {
    target: 'broken',
    seed,
    onCase: (number) => number < 100,
    onFailure: (failure) => found.push(failure),
  });
  const directory = mkdtempSync(join(tmpdir(), 'fuzz-test-'));
  const failures = createFailures(directory);
  const files = found.flatMap((failure) => failures.add(failure) ?? []);

  expect(found.length).toBeGreaterThan(10);
  // All of them are one kind of failure.
  expect(files).toHaveLength(1);
  expect(failures.lines()).toEqual([
    expect.stringContaining(`${found.length} x broken: BrokenLaw: an input is no multiple of three`),
  ]);
  const { input } = readFailure(files[0] ?? '');
  expect(await problemOf(session, input)).toContain('an input is no multiple of three');
  expect(failures.lines()[0]).toContain(`npm run fuzz -- --replay ${files[0]}`);
  rmSync(directory, { recursive: true });
});

/** Runs a process in place of the real one with `code`, which can use `note(number)`. */
async function superviseCode(code: string): Promise<readonly Failure[]> {
  const directory = mkdtempSync(join(tmpdir(), 'fuzz-test-'));
  const script = join(directory, 'child.mjs');
  writeFileSync(
    script,
    `import { writeSync } from 'node:fs';
const { first, end } = JSON.parse(process.argv[2]);
const note = (number) => { const b = Buffer.alloc(8); b.writeDoubleLE(number); writeSync(3, b, 0, 8, 0); };
const done = () => process.send({ is: 'ended', next: end }, () => process.disconnect());
${code}
`,
  );
  const failures: Failure[] = [];
  await supervise({
    target: 'flags',
    seed,
    ms: 60_000,
    runs: 3,
    hangMs: 300,
    script,
    onFailure: (failure) => failures.push(failure),
    onProgress: () => undefined,
  });
  rmSync(directory, { recursive: true });
  return failures;
}

test('ends a case that hangs, and continues with the next one', { timeout: 60_000 }, async () => {
  const failures = await superviseCode('note(first); if (first < 1) for (;;); note(-1); done();');

  expect(failures).toHaveLength(1);
  expect(failures[0]).toMatchObject({ number: 0, problem: expect.stringMatching(/^hang: .* did not end$/) });
  // The input is generated again, because the process could not tell it.
  expect(failures[0]?.input).toEqual(expect.any(Array));
});

test('does not count the work between the cases as a hang', { timeout: 60_000 }, async () => {
  const failures = await superviseCode(
    'note(-1); while (process.cpuUsage().user < 900_000); note(first); note(-1); done();',
  );

  expect(failures).toEqual([]);
});

test('reports a case that ends the process', { timeout: 60_000 }, async () => {
  const failures = await superviseCode(
    "note(first + 1); if (first < 1) throw new Error('out of order'); note(-1); done();",
  );

  expect(failures).toHaveLength(1);
  expect(failures[0]).toMatchObject({ number: 1, problem: expect.stringContaining('out of order') });
});

test('reports a heap that grows by more than a tenth', () => {
  const mebibyte = 1024 * 1024;

  expect(heapProblem(100 * mebibyte, 117 * mebibyte)).toBeUndefined();
  expect(heapProblem(100 * mebibyte, 119 * mebibyte)).toBe('the heap grew from 100.0 MiB to 119.0 MiB');
  expect(heapProblem(undefined, undefined)).toBeUndefined();
});

test.each([
  ['a secret', `key ${plantedSecret}`],
  ['a stack', 'x\n    at f (/a.ts:1:2)'],
  ['a line break', 'a\nb'],
  ['a control sequence', '\u001b[2J'],
  ['a reversed direction', '\u202eabc'],
  ['half of a surrogate pair', '\ud800'],
])('does not accept %s in a message', (_what, line) => {
  expect(() => lawOfLines([line])).toThrow(BrokenLaw);
});

test.each([
  ['no TYPE', 'a 1\n'],
  ['a negative counter', '# HELP a_total A.\n# TYPE a_total counter\na_total -1\n'],
  ['a series twice', '# HELP a A.\n# TYPE a gauge\na{b="c"} 1\na{b="c"} 2\n'],
  ['an unescaped label', '# HELP a A.\n# TYPE a gauge\na{b="c"d"} 1\n'],
  ['a label twice', '# HELP a A.\n# TYPE a gauge\na{b="c",b="d"} 1\n'],
  ['no line break at the end', '# HELP a A.\n# TYPE a gauge\na 1'],
  ['a value that is no number', '# HELP a A.\n# TYPE a gauge\na one\n'],
])('does not accept an exposition with %s', (_what, text) => {
  expect(() => parseStrictly(text)).toThrow(BrokenLaw);
});

test('accepts an exposition', () => {
  const text =
    '# HELP a A.\n# TYPE a gauge\na{b="c\\"\\n\\\\",d=""} 1e+09\n# HELP h H.\n# TYPE h histogram\nh_bucket{le="+Inf"} 2\nh_sum NaN\nh_count 2\n';

  expect(parseStrictly(text).series.get('a{b="c\\"\\n\\\\",d=""}')).toEqual({
    family: 'a',
    labels: { b: 'c\\"\\n\\\\', d: '' },
    value: 1e9,
  });
});

test('keeps valid input valid in many mild mutations', () => {
  const donors = [
    { a: 1, b: [1, 2] },
    { a: 2, b: [3], c: 'text' },
  ];

  const mutants = Array.from({ length: 200 }, (_, i) =>
    mutateMildly(donors[0], createDraws(`mild ${i}`), donors),
  );

  expect(new Set(mutants.map((mutant) => JSON.stringify(mutant))).size).toBeGreaterThan(10);
  for (const mutant of mutants) {
    const { a = 1, b = [] } = mutant as { a?: unknown; b?: unknown };
    expect([1, 2]).toContain(a);
    expect(b).toBeInstanceOf(Array);
  }
});

test('mutates without a change of the original, and keeps prototypes', () => {
  const tree = { a: [1, { b: 'text' }], c: null };
  const before = JSON.stringify(tree);

  const mutants = Array.from({ length: 2_000 }, (_, i) => mutateTree(tree, createDraws(`tree ${i}`), [tree]));
  const texts = Array.from({ length: 500 }, (_, i) => mutateText('some text 123', createDraws(`text ${i}`)));

  expect(JSON.stringify(tree)).toBe(before);
  expect(new Set(mutants.map((mutant) => JSON.stringify(mutant))).size).toBeGreaterThan(1_000);
  expect(new Set(texts).size).toBeGreaterThan(400);
  expect(JSON.stringify(mutants)).toContain('"__proto__":');
  expect(Object.keys(Object.prototype)).toEqual([]);
});

const names = targets.map(({ name }) => name);

test('parses the flags', () => {
  expect(parseFlags([], names, 7)).toMatchObject({ target: undefined, minutes: 5, runs: undefined, seed: 7 });
  expect(parseFlags(['--target=http', '--runs=10', '--seed', '3', '--out', 'x'], names, 7)).toEqual({
    target: 'http',
    minutes: undefined,
    runs: 10,
    seed: 3,
    out: 'x',
    replay: undefined,
  });
  expect(parseFlags(['--help'], names, 7)).toBe('help');
  for (const invalid of [
    ['--target=mars'],
    ['--minutes=0'],
    ['--runs=1', '--minutes=1'],
    ['--seed=-1'],
    ['x'],
  ]) {
    expect(parseFlags(invalid, names, 7)).toHaveProperty('problem');
  }
});

test('all targets have cases in this test', () => {
  expect(Object.keys(runs).toSorted()).toEqual(names.toSorted());
});
