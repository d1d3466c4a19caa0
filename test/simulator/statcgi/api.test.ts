import { expect, test } from 'vitest';
import { createStatcgi } from '../../../src/simulator/statcgi/api.ts';
import { createWorld } from '../../../src/simulator/world/world.ts';
import { md5, quietScenario, signedQuery, start } from '../support.ts';

const minute = 60_000;
const hour = 60 * minute;
const now = start + hour;

/** Handles one request at `now` with the quiet scenario and additional YAML. */
function handle(query: URLSearchParams, more = '', at = now) {
  return createStatcgi(createWorld(quietScenario(more), start))(query, at);
}

function bodyOf(handled: ReturnType<typeof handle>): unknown {
  return handled.reply.kind === 'json' ? handled.reply.body : handled.reply;
}

/** Returns the ages of the rows, in seconds before `now`. */
function agesOf(handled: ReturnType<typeof handle>): number[] {
  // The callers configure `time: epoch` and the default shape.
  const { output } = bodyOf(handled) as { output: { stream_info?: { time: number }[] } | null };
  return (output?.stream_info ?? []).map(({ time }) => now / 1_000 - time);
}

const epoch = (more = '') => `provider: {time: epoch, ${more}}`;

test('returns the samples of the window for a signed request', () => {
  const handled = handle(signedQuery({ from: now - 20_000, to: now - 10_000, now }));

  expect(handled).toEqual({
    operation: 'Get_LivePushStatHistory',
    outcome: 'ok',
    windowMs: 10_000,
    rows: 2,
    reply: {
      kind: 'json',
      body: {
        errmsg: '',
        message: 'query data successfully',
        output: {
          stream_info: [
            {
              time: '2023-11-15 07:13:03',
              client_ip: '192.0.2.1',
              server_ip: '198.51.100.1',
              fps: 25,
              speed: 2_000_000,
            },
            {
              time: '2023-11-15 07:13:08',
              client_ip: '192.0.2.1',
              server_ip: '198.51.100.1',
              fps: 25,
              speed: 2_000_000,
            },
          ],
        },
        ret: 0,
        retcode: 0,
      },
    },
  });
});

test('includes both ends of the window', () => {
  const handled = handle(signedQuery({ from: now - 17_000, to: now - 12_000, now }), epoch());

  expect(agesOf(handled)).toEqual([17, 12]);
});

test('omits samples that are newer than the delay or in the future', () => {
  const handled = handle(signedQuery({ from: now - 15_000, to: now + minute, now }), epoch('delay: 5s'));

  expect(agesOf(handled)).toEqual([12, 7]);
});

test('returns a late row later, and appends the copy of a duplicated row', () => {
  const query = signedQuery({ from: now - 20_000, to: now - 10_000, now });

  const late = epoch('delay: 5s, late: {share: 100%, by: 20s}');
  expect(handle(query, late).outcome).toBe('empty');
  expect(agesOf(handle(query, late, now + 15_000))).toEqual([17, 12]);
  const duplicated = handle(query, epoch('doubled: {share: 100%}'));
  expect(agesOf(duplicated)).toEqual([17, 12, 17, 12]);
  expect(duplicated.rows).toBe(4);
});

test('omits rows older than three days', () => {
  const threeDays = 72 * hour;
  const query = signedQuery({ from: now - threeDays - minute, to: now - threeDays + 10_000, now });

  const handled = handle(query, epoch());

  expect(handled.outcome).toBe('ok');
  expect(agesOf(handled).map((age) => age - threeDays / 1_000)).toEqual([-3, -8]);
});

test('accepts a window longer than two hours, because no page documents a rejection', () => {
  const handled = handle(signedQuery({ from: now - 3 * hour, to: now, now }));

  expect([handled.outcome, handled.windowMs, handled.rows]).toEqual(['ok', 3 * hour, 2_159]);
});

const invalid = (text: string) => ({ errmsg: text, message: text, ret: -1, retcode: -1 });

test.each([
  ['of another account', { cmd: '4321' }, invalid('cmd is invalid')],
  ['without an account', { cmd: undefined }, invalid('cmd is invalid')],
  ['with a space in a name', { 'Param.n.start_time ': '1' }, invalid('cmd is invalid')],
  ['with line breaks in it', { interface: 'Get_LivePushStatHistory\n\t\t\t' }, invalid('cmd is invalid')],
  ['with a wrong sign', { sign: md5('guessed') }, invalid('sign invalid')],
  ['without a sign', { sign: undefined }, invalid('sign invalid')],
  ['without t', { t: undefined }, invalid('sign invalid')],
  ['with a t that is no number', { t: 'soon', sign: md5('secret-of-the-testsoon') }, invalid('sign invalid')],
  ['signed until a second ago', { t: String(now / 1_000 - 1) }, invalid('time expired')],
])('rejects a request %s in the front end', (_, but, body) => {
  expect(bodyOf(handle(signedQuery({ from: start, to: now, now, but })))).toEqual(body);
});

test('accepts a signature until its last second', () => {
  const query = signedQuery({ from: start, to: now, now, but: { t: String(now / 1_000) } });

  expect(handle(query).outcome).toBe('ok');
  expect(handle(query, '', now + 1).outcome).toBe('time expired');
});

test.each([
  ['another interface', { interface: 'Get_LiveStat' }],
  ['an interface in other letters', { interface: 'get_livepushstathistory' }],
  ['no start', { 'Param.n.start_time': undefined }],
  ['no end', { 'Param.n.end_time': undefined }],
  ['a start in milliseconds', { 'Param.n.start_time': String(start) }],
  ['a start that is a date', { 'Param.n.start_time': '2016-01-20' }],
  ['an end with a fraction', { 'Param.n.end_time': `${now / 1_000}.5` }],
  ['an end before the start', { 'Param.n.end_time': String(start / 1_000 - 1) }],
  ['no stream', { 'Param.s.stream_id': undefined }],
  ['an empty stream', { 'Param.s.stream_id': '' }],
])('rejects %s in the back end with 1204', (_, but) => {
  expect(bodyOf(handle(signedQuery({ from: start, to: now, now, but })))).toEqual({
    errmsg: 'invalid input param',
    message: 'invalid input param',
    ret: 1204,
    retcode: 1204,
  });
});

test('returns an empty response for a stream without samples and for an unknown stream', () => {
  const handled = handle(signedQuery({ stream: 'other', from: now - minute, to: now, now }));

  expect(handled.outcome).toBe('empty');
  expect(bodyOf(handled)).toEqual({
    errmsg: 'query data is empty',
    message: 'query data is empty',
    output: null,
    ret: 10003,
    retcode: 10003,
  });
});

test('applies the rate limit to the signed requests of each calendar second', () => {
  const answer = createStatcgi(createWorld(quietScenario('provider: {rate_limit: 2}'), start));
  const good = signedQuery({ from: now - minute, to: now, now });
  const bad = signedQuery({ from: now - minute, to: now, now, but: { sign: md5('guessed') } });
  const outcomes = (query: URLSearchParams, times: readonly number[]) =>
    times.map((time) => answer(query, time).outcome);

  expect(outcomes(bad, [now, now, now])).toEqual(['sign invalid', 'sign invalid', 'sign invalid']);
  expect(outcomes(good, [now, now + 400, now + 999])).toEqual(['ok', 'ok', '1202']);
  expect(outcomes(good, [now + 1_000, now + 1_100, now + 1_200])).toEqual(['ok', 'ok', '1202']);
  expect(bodyOf(answer(good, now + 1_300))).toEqual({
    errmsg: 'invalid request/request frequency exceeds limit',
    message: 'invalid request/request frequency exceeds limit',
    ret: 1202,
    retcode: 1202,
  });
});

test('lowers the rate limit during an event', () => {
  const answer = createStatcgi(
    createWorld(quietScenario('provider: {story: [{at: 1m, for: 1m, rate_limit: 1}]}'), start),
  );
  const query = signedQuery({ from: start, to: start, now: start });
  const outcomes = (at: number) => [answer(query, at).outcome, answer(query, at).outcome];

  expect(outcomes(start + 59_000)).toEqual(['empty', 'empty']);
  expect(outcomes(start + 60_000)).toEqual(['empty', '1202']);
  expect(outcomes(start + 120_000)).toEqual(['empty', 'empty']);
});

test.each([
  ['1000', { ret: 1000, message: 'user is not registered for statapi' }],
  ['1001', { ret: 1001, message: 'user service for statapi was stopped' }],
  ['1201', { ret: 1201, message: 'internel/system error' }],
  ['1202', { ret: 1202, message: 'invalid request/request frequency exceeds limit' }],
  ['1204', { ret: 1204, message: 'invalid input param' }],
  ['cmd is invalid', { ret: -1, message: 'cmd is invalid' }],
  ['appid is invalid', { ret: -1, message: 'appid is invalid' }],
  ['sign invalid', { ret: -1, message: 'sign invalid' }],
  ['time expired', { ret: -1, message: 'time expired' }],
  ['503', { kind: 'status', status: 503 }],
  ['not_json', { kind: 'not_json' }],
  ['hang', { kind: 'hang' }],
  ['reset', { kind: 'reset' }],
])('responds with %s if the story forces it', (answer, expected) => {
  const handled = handle(
    signedQuery({ from: start, to: now, now }),
    `provider: {story: [{at: 0s, answer: ${answer}}]}`,
  );

  expect(handled.outcome).toBe(answer);
  expect(bodyOf(handled)).toMatchObject(expected);
});

test('forces a response for an evenly distributed share of the requests', () => {
  const answer = createStatcgi(
    createWorld(quietScenario('provider: {story: [{at: 0s, answer: 1201, share: 30%}]}'), start),
  );
  const query = signedQuery({ from: start, to: now, now });
  const outcomes = Array.from({ length: 20 }, () => answer(query, now).outcome);

  expect(outcomes.map((outcome) => (outcome === 'ok' ? '.' : 'x')).join('')).toBe('...x..x..x...x..x..x');
});

test('omits the time of the newest row in the configured share of the responses', () => {
  const rowsAt = (at: number, to = at) => {
    const query = signedQuery({ from: to - 30_000, to, now: at });
    const handled = handle(query, epoch('numbers: string, unfinished: {share: 20%}'), at);
    // The shape is configured above.
    const { output } = bodyOf(handled) as { output: { stream_info: { time: number | null; fps: string }[] } };
    return output.stream_info;
  };
  const old = Array.from({ length: 500 }, (_, second) => rowsAt(now + second * 1_000, now - 20_000));
  const answers = Array.from({ length: 500 }, (_, second) => rowsAt(now + second * 1_000));
  const unfinished = answers.filter((rows) => rows.at(-1)?.time === null);

  expect(unfinished.length / answers.length).toBeCloseTo(0.2, 1);
  expect(old.slice(20).filter((rows) => rows.at(-1)?.time === null)).toEqual([]);
  expect(answers.flatMap((rows) => rows.slice(0, -1)).filter(({ time }) => time === null)).toEqual([]);
});
