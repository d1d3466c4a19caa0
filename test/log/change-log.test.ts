import { beforeEach, expect, test } from 'vitest';
import { createChangeLog } from '../../src/log/change-log.ts';
import type { Log } from '../../src/log.ts';
import type { FailureKind } from '../../src/model/answer.ts';

let lines: string[];
let now: number;
let targets: number;
const write =
  (level: string) =>
  (message: string, fields = {}) => {
    lines.push(`${level} ${message} ${JSON.stringify(fields)}`);
  };
const log: Log = { debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') };

beforeEach(() => {
  lines = [];
  now = 1_000_000;
  targets = 300;
});

/** Creates the log of a collector that polls each target every 5 s. */
function setUp() {
  const changes = createChangeLog({
    log,
    clock: { elapsed: () => now },
    polling: () => ({ targets, roundMs: 5_000 }),
  });
  const fail = (name: string, message = 'no response', kind: FailureKind = 'unavailable') =>
    changes.failed({ key: `key-${name}`, name }, { kind, message });
  return {
    ...changes,
    fail,
    failAll(all: readonly string[]): void {
      for (const name of all) fail(name);
    },
    succeed: (name: string) => changes.succeeded(`key-${name}`),
    /** Lets time pass in steps of one second. */
    pass(seconds: number, each: (second: number) => void = () => {}) {
      for (let second = 0; second < seconds; second++) {
        each(second);
        now += 1_000;
        changes.report();
      }
    },
  };
}

const names = (count: number) => Array.from({ length: count }, (_, i) => `s${i}`);
/** Returns the targets that are polled in a second: a fifth of all. */
const polledIn = (second: number, all: readonly string[]) => all.filter((_, i) => i % 5 === second % 5);

test('logs the start and the end of a failure, and no repetition', () => {
  targets = 1;
  const { fail, succeed, pass } = setUp();

  succeed('a');
  pass(1);
  fail('a', 'HTTP 429', 'throttled');
  pass(600, (second) => second % 5 === 0 && fail('a', 'HTTP 429', 'throttled'));
  succeed('a');
  pass(600);

  expect(lines).toEqual([
    'warn targets started to fail {"kind":"throttled","error":"HTTP 429","failing":1,"target":"a"}',
    'info targets no longer fail {"kind":"throttled","error":"HTTP 429","targets":1,"failures":121,"seconds":601,"recovered":1,"target":"a"}',
  ]);
});

test('logs an outage of 300 targets as one line at its start and one at its end, with the newest message', () => {
  const { fail, succeed, pass } = setUp();
  const all = names(300);
  let length = 0;

  pass(120, (second) => {
    for (const name of polledIn(second, all)) {
      fail(name, `response is not JSON (${length++} characters)`, 'malformed');
    }
  });
  expect(lines).toEqual([
    expect.stringMatching(
      /^error targets started to fail \{"kind":"malformed","error":"response is not JSON \(299 characters\)","failing":300,"some_targets":"(s\d+, ){9}s\d+"\}$/,
    ),
  ]);
  lines = [];
  pass(600, (second) => {
    for (const name of polledIn(second, all)) succeed(name);
  });

  expect(lines).toEqual([
    'info targets no longer fail {"kind":"malformed","error":"response is not JSON (7199 characters)","targets":300,"failures":7200,"seconds":125,"recovered":300}',
  ]);
});

test('names the targets that still fail after the others recovered', () => {
  const { failAll, succeed, pass } = setUp();
  const all = names(300);
  pass(60, (second) => failAll(polledIn(second, all)));
  lines = [];

  for (const name of all.slice(2)) succeed(name);
  pass(300, (second) => second % 5 === 0 && failAll(['s0', 's1']));
  expect(lines).toEqual([
    'warn the failing targets changed {"kind":"unavailable","error":"no response","failing":2,"recovered":298,"target":"s0, s1"}',
  ]);
  lines = [];
  succeed('s0');
  succeed('s1');
  pass(60);
  expect(lines).toEqual([
    expect.stringMatching(/^info targets no longer fail .*"targets":300,.*"recovered":300/),
  ]);
});

test('names each target that starts to fail while few others fail', () => {
  const { fail, pass } = setUp();
  pass(60, () => fail('a'));
  pass(60, () => fail('b'));

  expect(lines).toEqual([
    'warn targets started to fail {"kind":"unavailable","error":"no response","failing":1,"target":"a"}',
    'warn the failing targets changed {"kind":"unavailable","error":"no response","failing":2,"started":1,"target":"a, b"}',
  ]);
});

test('mentions single targets that start to fail while many others fail', () => {
  const { fail, failAll, pass } = setUp();
  const all = names(50);
  pass(60, () => failAll(all));
  lines = [];

  pass(300, () => fail('late'));

  expect(lines).toEqual([
    expect.stringMatching(
      /^warn the failing targets changed .*"failing":51,"started":1,"some_targets":"(s\d+, ){9}late"\}$/,
    ),
  ]);
});

test('mentions a target that fails for another reason than the others', () => {
  const { fail, failAll, succeed, pass } = setUp();
  const all = names(50);
  pass(60, () => failAll(all));
  lines = [];

  const others = all.slice(1);
  pass(300, () => {
    fail('s0', 'HTTP 403', 'auth');
    failAll(others);
  });
  for (const name of others) succeed(name);
  pass(60);

  expect(lines).toEqual([
    'error targets started to fail {"kind":"auth","error":"HTTP 403","failing":1,"target":"s0"}',
    expect.stringMatching(/^warn the failing targets changed .*"failing":49,"other_error":1,"some_targets":/),
    'info targets no longer fail {"kind":"unavailable","error":"no response","targets":50,"failures":17700,"seconds":361,"recovered":49,"other_error":1}',
  ]);
});

test('logs each of several alternating errors once', () => {
  const { fail, succeed, pass } = setUp();
  const all = names(200);
  const errors = ['HTTP 502', 'HTTP 503', 'HTTP 504', 'the connection was reset'];
  let n = 0;

  pass(600, (second) => {
    for (const name of polledIn(second, all)) fail(name, errors[n++ % 4]);
  });
  for (const name of all) succeed(name);
  pass(60);

  expect(lines.map((line) => line.replace(/ \{.*/, ''))).toEqual([
    ...Array(4).fill('warn targets started to fail'),
    ...Array(4).fill('info targets no longer fail'),
  ]);
});

test('logs a short failure as one line', () => {
  const { fail, succeed, pass } = setUp();
  fail('a');
  pass(3);
  succeed('a');
  pass(60);

  expect(lines).toEqual([
    'warn targets failed for a short time {"kind":"unavailable","error":"no response","targets":1,"failures":1,"seconds":5,"recovered":1,"target":"a"}',
  ]);
});

test('logs a failure that comes and goes at growing intervals', () => {
  targets = 1;
  const { fail, succeed, pass } = setUp();

  pass(3600, (second) => {
    if (second % 10 === 0) fail('a');
    if (second % 10 === 5) succeed('a');
  });

  expect(lines.length).toBeGreaterThan(10);
  expect(lines.length).toBeLessThan(25);
  const failures = lines.flatMap((line) => /"failures":(\d+)/.exec(line)?.[1] ?? []).map(Number);
  expect(failures.reduce((sum, count) => sum + count)).toBeGreaterThan(300);
});

test('logs an outage soon even if the same failure came and went before', () => {
  const { fail, failAll, succeed, pass } = setUp();
  pass(1200, (second) => {
    if (second % 10 === 0) fail('a');
    if (second % 10 === 5) succeed('a');
  });
  lines = [];

  pass(20, () => failAll(names(100)));

  expect(lines).toEqual([expect.stringMatching(/"failing":100/)]);
});

test('does not flood the log if each message is different', () => {
  const { fail, pass } = setUp();
  const letters = 'ghijklmnopqrstuvwxyz';
  pass(600, (second) => {
    const word = [...String(second)].map((digit) => letters[Number(digit)]).join('');
    fail('a', `no ${word}`);
  });

  expect(lines.length).toBeLessThan(100);
});

test('tells targets with the same name apart', () => {
  targets = 2;
  const { failed, succeeded, pass } = setUp();
  const failure = { kind: 'unavailable', message: 'no response' } as const;
  failed({ key: '1', name: 'a' }, failure);
  failed({ key: '2', name: 'a' }, failure);
  pass(1);
  succeeded('1');
  pass(300);

  expect(lines.at(-1)).toMatch(/^warn the failing targets changed .*"failing":1,"recovered":1,"target":"a"/);
});

test('logs no recovery of a target that is no longer polled', () => {
  targets = 1;
  const { fail, forget, succeed, pass } = setUp();
  fail('a');
  pass(1);
  forget('key-a');
  lines = [];

  succeed('a');
  pass(60);

  expect(lines).toEqual([]);
});

test('logs at the end what was not logged yet', () => {
  const { fail, succeed, pass, flush } = setUp();
  fail('a');
  flush();
  expect(lines).toEqual([expect.stringMatching(/^warn targets started to fail .*"target":"a"/)]);
  lines = [];

  flush();
  expect(lines).toEqual([]);
  fail('b');
  succeed('a');
  pass(1);
  flush();
  expect(lines).toEqual([expect.stringMatching(/"failing":1,"started":1,"recovered":1,"target":"b"/)]);
});
