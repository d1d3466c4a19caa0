import { expect, test } from 'vitest';
import type { PushSample } from '../../../src/model/push-sample.ts';
import type { ApiBehavior } from '../../../src/simulator/scenario/scenario.ts';
import { toFailureEnvelope, toHistoryEnvelope } from '../../../src/simulator/statcgi/envelope.ts';
import { quietScenario } from '../support.ts';

/** 2016-01-20 16:50:31 in Beijing: start_time of the sample on the operation's page. */
const sample: PushSample = {
  measuredAt: 1_453_279_831_000,
  periodMs: 5_000,
  clientIp: '203.0.113.7',
  serverIp: '198.51.100.9',
  session: undefined,
  framesPerSecond: 25,
  bitsPerSecond: 812_345,
};

const row = {
  time: '2016-01-20 16:50:31',
  client_ip: '203.0.113.7',
  server_ip: '198.51.100.9',
  fps: 25,
  speed: 812_345,
};

function behaviorWith(behavior: Partial<ApiBehavior>): ApiBehavior {
  return { ...quietScenario().provider, ...behavior };
}

test.each([
  ['object', { stream_info: [row] }],
  ['array', [{ stream_info: [row] }]],
  ['rows', [row]],
  ['text', JSON.stringify({ stream_info: [row] })],
] as const)('the output can be an %s', (output, expected) => {
  expect(toHistoryEnvelope([sample], behaviorWith({ output }))).toEqual({
    errmsg: '',
    message: 'query data successfully',
    output: expected,
    ret: 0,
    retcode: 0,
  });
});

test.each([
  ['naive', '2016-01-20 16:50:31'],
  ['iso', '2016-01-20T16:50:31+08:00'],
  ['epoch', 1_453_279_831],
  ['epoch_ms', 1_453_279_831_000],
  ['digits', '1453279831'],
] as const)('the time can be %s', (time, expected) => {
  expect(toHistoryEnvelope([sample], behaviorWith({ time, output: 'rows' })).output).toEqual([
    { ...row, time: expected },
  ]);
});

test('returns numbers as strings if configured', () => {
  expect(toHistoryEnvelope([sample], behaviorWith({ numbers: 'string', output: 'rows' })).output).toEqual([
    { ...row, fps: '25', speed: '812345' },
  ]);
});

test.each([
  [
    'code',
    {
      errmsg: 'query data is empty',
      message: 'query data is empty',
      output: null,
      ret: 10003,
      retcode: 10003,
    },
  ],
  ['null', { errmsg: '', message: 'query data successfully', output: null, ret: 0, retcode: 0 }],
  ['absent', { errmsg: '', message: 'query data successfully', ret: 0, retcode: 0 }],
  [
    'list',
    { errmsg: '', message: 'query data successfully', output: { stream_info: [] }, ret: 0, retcode: 0 },
  ],
] as const)('represents an empty response as %s', (empty, expected) => {
  expect(toHistoryEnvelope([], behaviorWith({ empty }))).toEqual(expected);
});

test.each([
  ['both', { errmsg: 'no', message: 'no', ret: 7, retcode: 7 }],
  ['ret', { errmsg: '', message: 'no', ret: 7, retcode: 0 }],
  ['retcode', { errmsg: 'no', message: '', ret: 0, retcode: 7 }],
] as const)('a failure can stand in %s', (failuresIn, expected) => {
  expect(toFailureEnvelope(7, 'no', behaviorWith({ failuresIn }))).toEqual(expected);
});
