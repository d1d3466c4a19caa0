import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseScenario } from '../../../src/simulator/scenario/parse-scenario.ts';

function problemsOf(yaml: string): readonly string[] {
  const parsed = parseScenario(yaml, 'drill.yaml');
  return 'problems' in parsed ? parsed.problems : [];
}

test('all problems are told at once, each with its place', () => {
  const yaml = `name: bad
loop: 5m
spedd: 2
provider: {output: objekt, late: {share: 5}}
streams:
  - fps: fast
    strory: []
    client_ip: 192.0.2.256
  - name: a b
    start: soon
    story:
      - {at: 10, fps: 50%}
      - {at: 10s}
      - {at: 10s, silent: false, flapping: 3}
`;

  expect(problemsOf(yaml)).toEqual([
    'drill.yaml:3:1: spedd: unknown key; did you mean "speed"?',
    'drill.yaml:4:12: provider.output: expected one of object, array, rows, text',
    'drill.yaml:4:28: provider.late.by: is missing',
    'drill.yaml:4:35: provider.late.share: expected a share from 0% to 100%, such as "5%"',
    'drill.yaml:6:5: streams.0.name: is missing',
    'drill.yaml:6:5: streams.0.fps: expected frames per second, such as 25',
    'drill.yaml:7:5: streams.0.strory: unknown key; did you mean "story"?',
    'drill.yaml:8:5: streams.0.client_ip: expected an IP address',
    'drill.yaml:9:5: streams.1.name: expected text without spaces',
    'drill.yaml:10:5: streams.1.start: expected a duration such as "30s", or never',
    'drill.yaml:12:10: streams.1.story.0.at: expected a duration such as "30s"',
    'drill.yaml:13:9: streams.1.story.1: nothing happens here: give it at least one effect',
    'drill.yaml:14:19: streams.1.story.2.silent: expected true, or no such key',
    'drill.yaml:14:34: streams.1.story.2.flapping: expected keys and values',
  ]);
});

test('what can be read contradicts itself beside other mistakes too, and no mistake is told twice', () => {
  expect(
    problemsOf(`
name: x
loop: 30s
streams:
  - {name: a, colour: red}
  - {name: a, fps: fast}
  - {name: "b{n}", count: many}
  - {name: b1, story: [{at: 40s, silent: maybe}]}
domains:
  - {name: live.example.com, app_name: [other], story: [{at: 1s, stream: a, action: forbid, app_name: other}]}
  - {name: live.example.com, story: [{at: 1s, strem: a, action: forbid, until: 1s}]}
`),
  ).toEqual([
    'drill.yaml:5:15: streams.0.colour: unknown key',
    'drill.yaml:6:6: streams.1.name: a was used before; the API knows a stream by its name alone',
    'drill.yaml:6:15: streams.1.fps: expected frames per second, such as 25',
    'drill.yaml:7:20: streams.2.count: expected a whole number',
    'drill.yaml:8:6: streams.3.name: b1 was used before; the API knows a stream by its name alone',
    'drill.yaml:8:25: streams.3.story.0.at: never reached: the story repeats after 30s',
    'drill.yaml:8:34: streams.3.story.0.silent: expected true, or no such key',
    'drill.yaml:10:30: domains.0.app_name: unknown key; did you mean "app_names"?',
    'drill.yaml:11:6: domains.1.name: live.example.com was used before',
    'drill.yaml:11:38: domains.1.story.0.stream: is missing',
    'drill.yaml:11:47: domains.1.story.0.strem: unknown key; did you mean "stream"?',
    'drill.yaml:11:73: domains.1.story.0.until: over before it begins',
  ]);
});

test('keys that contradict each other are told too', () => {
  const yaml = `name: bad
loop: 5m
provider:
  story:
    - {at: 4m, for: 2m, answer: hang}
streams:
  - name: a-1
    story: [{at: 5m, silent: true}]
  - {name: 'a-{n}', count: 3}
`;

  expect(problemsOf(yaml)).toEqual([
    'drill.yaml:5:16: provider.story.0.for: too long: the story repeats after 5m',
    'drill.yaml:8:14: streams.0.story.0.at: never reached: the story repeats after 5m',
    'drill.yaml:9:6: streams.1.name: a-1 was used before; the API knows a stream by its name alone',
  ]);
});

test('what is wrong about domains and their API has its place too', () => {
  const yaml = `name: bad
alibaba:
  retry_after: "a\\tb"
  ends: some
  extra_keys: 1
  story:
    - {at: 1m, answer: 503, status: 500}
    - {at: 1m, answer: NoPermission, status: 200}
    - {at: 1m, answer: Throttled}
domains:
  - app_names: []
    story:
      - {at: 1m, strem: a, action: forbid}
      - {at: 1m, stream: a, action: forbid, until: 2m}
      - {at: 1m, stream: a, action: forbid, every: 100ms, client_ip: me}
      - {at: 1m, stream: a, action: forbid, count: 2}
      - {at: 1m, stream: 'a-{n}', action: forbid, count: 1000, times: 201}
`;

  expect(problemsOf(yaml).map((line) => line.replace(/expected one of .*/, 'expected one of ...'))).toEqual([
    'drill.yaml:3:3: alibaba.retry_after: expected what a header can hold',
    'drill.yaml:4:3: alibaba.ends: expected one of ...',
    'drill.yaml:5:3: alibaba.extra_keys: expected true or false',
    'drill.yaml:7:29: alibaba.story.0.status: a status is of a failure with a code: it needs such an "answer"',
    'drill.yaml:8:38: alibaba.story.1.status: expected a status from 400 to 599',
    'drill.yaml:9:16: alibaba.story.2.answer: expected one of ...',
    'drill.yaml:11:5: domains.0.name: is missing',
    'drill.yaml:11:5: domains.0.app_names: expected at least one app name',
    'drill.yaml:13:9: domains.0.story.0.stream: is missing',
    'drill.yaml:13:18: domains.0.story.0.strem: unknown key; did you mean "stream"?',
    'drill.yaml:14:45: domains.0.story.1.until: something that happens once has no end: it needs "every"',
    'drill.yaml:15:59: domains.0.story.2.client_ip: expected an IP address, or none',
    'drill.yaml:16:18: domains.0.story.3.stream: expected {n} in the name of a stream with a count',
    'drill.yaml:17:64: domains.0.story.4.times: expected at most 200000 records at once, count and times multiplied',
  ]);
});

test('what contradicts itself in a domain is told too', () => {
  const yaml = `name: bad
loop: 5m
alibaba: {story: [{at: 4m, for: 2m, answer: hang}]}
domains:
  - name: a
    app_names: [live, tv]
    story:
      - {at: 1m, stream: a, action: forbid, app_name: radio}
      - {at: 5m, stream: a, action: forbid}
      - {at: 2m, every: 10s, until: 2m, stream: a, action: forbid}
  - name: a
`;

  expect(problemsOf(yaml)).toEqual([
    'drill.yaml:3:28: alibaba.story.0.for: too long: the story repeats after 5m',
    "drill.yaml:8:45: domains.0.story.0.app_name: radio is not among the domain's app_names: live, tv",
    'drill.yaml:9:10: domains.0.story.1.at: never reached: the story repeats after 5m',
    'drill.yaml:10:30: domains.0.story.2.until: over before it begins',
    'drill.yaml:11:5: domains.1.name: a was used before',
  ]);
});

test.each([
  [
    'name: [',
    ['drill.yaml:1:8: Flow sequence in block collection must be sufficiently indented and end with a ]'],
  ],
  ['', ['drill.yaml:1:1: expected keys and values']],
  ['- a', ['drill.yaml:1:1: expected keys and values']],
  ['{name: x, name: y, streams: [{name: a}]}', ['drill.yaml:1:11: Map keys must be unique']],
  ['{name: x, streams: []}', ['drill.yaml:1:11: streams: expected at least one stream']],
  ['{name: x, domains: []}', ['drill.yaml:1:11: domains: expected at least one domain']],
  ['{name: x, stream: []}', ['drill.yaml:1:11: stream: unknown key; did you mean "streams"?']],
  [
    '{name: x, loop: 2s, speed: 3, domains: [{name: a}]}',
    ['drill.yaml:1:11: loop: too short for domains: at this speed it is over within a second'],
  ],
  ['{name: x}', ['drill.yaml:1:1: expected streams, domains, or both']],
  [
    '{name: x, streams: *gone}',
    ['drill.yaml:1:1: Unresolved alias (the anchor must be set before the alias): gone'],
  ],
  [
    '{name: x, streams: [{name: a, count: 2}]}',
    ['drill.yaml:1:22: streams.0.name: expected {n} in the name of a stream with a count'],
  ],
  [
    '{name: x, streams: [{name: a}], provider: {story: [{at: 1s, share: 5%, delay: 1s}]}}',
    [
      'drill.yaml:1:61: provider.story.0.share: a share is of the calls that get an answer of the story: it needs "answer"',
    ],
  ],
])('%s is refused', (yaml, problems) => {
  expect(problemsOf(yaml)).toEqual(problems);
});

test('a problem within an alias is told for what it is, at the alias', () => {
  const yaml = `name: bad
streams:
  - {name: a, story: &drop [{at: 5, fps: 50%}]}
  - {name: b, story: *drop}
`;

  expect(problemsOf(yaml)).toEqual([
    'drill.yaml:3:30: streams.0.story.0.at: expected a duration such as "30s"',
    'drill.yaml:4:15: streams.1.story.0.at: expected a duration such as "30s"',
  ]);
});

test('no text makes the reader throw: it is a scenario or has problems', () => {
  const demo = readFileSync(new URL('../../../config/scenarios/demo.yaml', import.meta.url), 'utf8');
  const spoiled = fc
    .tuple(fc.nat(demo.length), fc.nat(20), fc.string({ maxLength: 6 }))
    .map(([at, cut, put]) => demo.slice(0, at) + put + demo.slice(at + cut));

  fc.assert(
    fc.property(fc.oneof(spoiled, fc.string()), (text) => {
      const parsed = parseScenario(text, 'drill.yaml');
      return 'scenario' in parsed || parsed.problems.every((line) => /^drill\.yaml:\d+:\d+: /.test(line));
    }),
    { numRuns: 300 },
  );
});
