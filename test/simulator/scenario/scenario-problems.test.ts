import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseScenario } from '../../../src/simulator/scenario/parse-scenario.ts';

function problemsOf(yaml: string): readonly string[] {
  const parsed = parseScenario(yaml, 'drill.yaml');
  return 'problems' in parsed ? parsed.problems : [];
}

test.each([
  [
    'a bit rate',
    'bitrate: 10.1Gbit',
    '3:14: streams.0.bitrate: expected a bit rate up to 10Gbit, such as "2500kbit"',
  ],
  [
    'a bit rate of an event',
    'story: [{at: 1s, bitrate: 11Gbit}]',
    '3:31: streams.0.story.0.bitrate: expected a bit rate such as "500kbit", or a percentage such as "60%"',
  ],
  [
    'a percentage of a frame rate',
    'story: [{at: 1s, fps: 10001%}]',
    '3:27: streams.0.story.0.fps: expected frames per second, or a percentage such as "60%"',
  ],
  [
    'a percentage of a video time',
    'story: [{at: 1s, video_time: 10001%}]',
    '3:34: streams.0.story.0.video_time: expected a percentage above 0%, such as "80%"',
  ],
  [
    'a time',
    'story: [{at: 100001d, fps: 1}]',
    '3:18: streams.0.story.0.at: expected a duration such as "30s"',
  ],
  [
    'a long reason',
    `story: [{at: 1s, for: 1s, cut: drop, stop_reason: ${'x'.repeat(1_001)}}]`,
    '3:55: streams.0.story.0.stop_reason: longer than 1000 characters',
  ],
])('rejects values beyond their limits: %s', (_name, line, problem) => {
  expect(problemsOf(`name: a\nstreams:\n  - ${line}\n    name: cam\n    client_ip: 192.0.2.1\n`)).toEqual([
    `drill.yaml:${problem}`,
  ]);
});

test('reports all errors at once, each with its position', () => {
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
    'drill.yaml:4:20: provider.output: expected one of object, array, rows, text',
    'drill.yaml:4:34: provider.late.by: missing',
    'drill.yaml:4:42: provider.late.share: expected a percentage from 0% to 100%, such as "5%"',
    'drill.yaml:6:5: streams.0.name: missing',
    'drill.yaml:6:10: streams.0.fps: expected a number',
    'drill.yaml:7:5: streams.0.strory: unknown key; did you mean "story"?',
    'drill.yaml:8:16: streams.0.client_ip: expected an IP address',
    'drill.yaml:9:11: streams.1.name: expected text without spaces',
    'drill.yaml:10:12: streams.1.start: expected a duration such as "30s", or never',
    'drill.yaml:12:14: streams.1.story.0.at: expected a duration such as "30s"',
    'drill.yaml:13:9: streams.1.story.1: this event has no effect; add an effect',
    'drill.yaml:14:27: streams.1.story.2.silent: expected true',
    'drill.yaml:14:44: streams.1.story.2.flapping: expected a mapping',
  ]);
});

test('rejects names that are no label values, and texts that are no lines', () => {
  const yaml = `name: bad
streams:
  - {name: ${'x'.repeat(256)}}
  - {name: "a\\u202eb"}
  - {name: c, story: [{at: 10s, silent: true, stop_reason: "a\\nb"}]}
  - {name: "d\\uD800"}
domains:
  - {name: play.example.com, story: [{at: 10s, action: "\\u0006a", stream: s}]}
`;
  const invisible = 'control characters, line breaks and invisible characters are not allowed';

  expect(problemsOf(yaml)).toEqual([
    'drill.yaml:3:12: streams.0.name: longer than 255 characters',
    `drill.yaml:4:12: streams.1.name: ${invisible}`,
    `drill.yaml:5:60: streams.2.story.0.stop_reason: ${invisible}`,
    `drill.yaml:6:12: streams.3.name: ${invisible}`,
    `drill.yaml:8:56: domains.0.story.0.action: ${invisible}`,
  ]);
});

test('reports contradictions between readable keys beside other errors, and no error twice', () => {
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
    'drill.yaml:6:12: streams.1.name: duplicate stream a; the API identifies a stream by its name only',
    'drill.yaml:6:20: streams.1.fps: expected a number',
    'drill.yaml:7:27: streams.2.count: expected a number',
    'drill.yaml:8:12: streams.3.name: duplicate stream b1; the API identifies a stream by its name only',
    'drill.yaml:8:29: streams.3.story.0.at: never reached: the story repeats after 30s',
    'drill.yaml:8:42: streams.3.story.0.silent: expected true',
    'drill.yaml:10:30: domains.0.app_name: unknown key; did you mean "app_names"?',
    'drill.yaml:11:12: domains.1.name: duplicate domain live.example.com',
    'drill.yaml:11:47: domains.1.story.0.strem: unknown key; did you mean "stream"?',
    'drill.yaml:11:80: domains.1.story.0.until: must be later than "at"',
  ]);
});

test('reports contradictions between keys', () => {
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
    'drill.yaml:5:21: provider.story.0.for: too long: the story repeats after 5m',
    'drill.yaml:8:18: streams.0.story.0.at: never reached: the story repeats after 5m',
    'drill.yaml:9:12: streams.1.name: duplicate stream a-1; the API identifies a stream by its name only',
  ]);
});

test('reports errors of domains and their API with their positions', () => {
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
      - {at: 1m, stream: a, action: resume, expires: 1m}
`;

  expect(problemsOf(yaml).map((line) => line.replace(/expected one of .*/, 'expected one of ...'))).toEqual([
    'drill.yaml:3:16: alibaba.retry_after: expected printable ASCII for a header',
    'drill.yaml:4:9: alibaba.ends: expected one of ...',
    'drill.yaml:5:15: alibaba.extra_keys: expected true or false',
    'drill.yaml:7:37: alibaba.story.0.status: status requires the key "answer" with an error code',
    'drill.yaml:8:46: alibaba.story.1.status: expected a number of at least 400',
    'drill.yaml:9:24: alibaba.story.2.answer: expected one of ...',
    'drill.yaml:11:5: domains.0.name: missing',
    'drill.yaml:11:16: domains.0.app_names: expected at least one item',
    'drill.yaml:13:18: domains.0.story.0.strem: unknown key; did you mean "stream"?',
    'drill.yaml:14:52: domains.0.story.1.until: until requires the key "every"',
    'drill.yaml:15:70: domains.0.story.2.client_ip: expected an IP address or none',
    'drill.yaml:16:26: domains.0.story.3.stream: expected {n} in the name, because count is above 1',
    'drill.yaml:17:71: domains.0.story.4.times: count multiplied by times must be at most 200000',
    'drill.yaml:18:54: domains.0.story.5.expires: expires requires action: forbid',
  ]);
});

test('reports contradictions within a domain', () => {
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
    'drill.yaml:3:33: alibaba.story.0.for: too long: the story repeats after 5m',
    'drill.yaml:8:55: domains.0.story.0.app_name: expected one of app_names: live, tv',
    'drill.yaml:9:14: domains.0.story.1.at: never reached: the story repeats after 5m',
    'drill.yaml:10:37: domains.0.story.2.until: must be later than "at"',
    'drill.yaml:11:11: domains.1.name: duplicate domain a',
  ]);
});

test.each([
  [
    'name: [',
    [
      'drill.yaml:1:8: flow sequence in block collection must be sufficiently indented and end with a ]; check the indentation of this line',
    ],
  ],
  ['', ['drill.yaml:1:1: the file is empty']],
  ['- a', ['drill.yaml:1:1: expected a mapping']],
  ['{name: x, name: y, streams: [{name: a}]}', ['drill.yaml:1:11: name: duplicate key']],
  ['{name: x, streams: []}', ['drill.yaml:1:20: streams: expected at least one item']],
  ['{name: x, domains: []}', ['drill.yaml:1:20: domains: expected at least one item']],
  ['{name: x, stream: []}', ['drill.yaml:1:11: stream: unknown key; did you mean "streams"?']],
  [
    '{name: x, loop: 2s, speed: 3, domains: [{name: a}]}',
    ['drill.yaml:1:17: loop: too short for domains: at this speed a loop takes less than a second'],
  ],
  ['{name: x}', ['drill.yaml:1:1: expected streams, domains, or both']],
  ['{name: x, streams: *gone}', ['drill.yaml:1:20: streams: unknown alias; define its anchor before it']],
  [
    '{name: x, streams: [{name: a, count: 2}]}',
    ['drill.yaml:1:28: streams.0.name: expected {n} in the name, because count is above 1'],
  ],
  [
    '{name: x, streams: [{name: a}], provider: {story: [{at: 1s, share: 5%, delay: 1s}]}}',
    [
      'drill.yaml:1:68: provider.story.0.share: share requires the key "answer"; share is the part of the requests that get this answer',
    ],
  ],
])('rejects %s', (yaml, problems) => {
  expect(problemsOf(yaml)).toEqual(problems);
});

test('reports an error inside an alias for each path, at the position of its anchor', () => {
  const yaml = `name: bad
streams:
  - {name: a, story: &drop [{at: 5, fps: 50%}]}
  - {name: b, story: *drop}
`;

  expect(problemsOf(yaml)).toEqual([
    'drill.yaml:3:34: streams.0.story.0.at: expected a duration such as "30s"',
    'drill.yaml:3:34: streams.1.story.0.at: expected a duration such as "30s"',
  ]);
});

test('never throws: any text is a scenario or has problems', () => {
  const demo = readFileSync(new URL('../../../config/scenarios/demo.yaml', import.meta.url), 'utf8');
  const corrupted = fc
    .tuple(fc.nat(demo.length), fc.nat(20), fc.string({ maxLength: 6 }))
    .map(([at, cut, put]) => demo.slice(0, at) + put + demo.slice(at + cut));

  fc.assert(
    fc.property(fc.oneof(corrupted, fc.string()), (text) => {
      const parsed = parseScenario(text, 'drill.yaml');
      return 'scenario' in parsed || parsed.problems.every((line) => /^drill\.yaml:\d+:\d+: /.test(line));
    }),
    { numRuns: 300 },
  );
});

test.each(['1e-320', '0', '1e7'])('rejects the speed %s, at which a time could be infinite', (speed) => {
  expect(problemsOf(`{name: a, speed: ${speed}}`)).toEqual([
    expect.stringMatching(
      /^drill\.yaml:1:18: speed: expected a number (of at least 0\.001|up to 1000000|of at most 1000000)$/,
    ),
  ]);
});
