import { expect, test } from 'vitest';
import { meaningOf } from '../../../../src/providers/tencent/api3/stop-reasons.ts';

const normal = { reason: 'normal' };
const forbid = { reason: 'forbidden', action: 'forbid' };
const drop = { reason: 'forbidden', action: 'drop' };

test.each([
  ['客户端主动断流', normal],
  ['推流客户端主动断流', normal],
  ['The push client actively stopped the push.', normal],
  ['the push client actively stopped the push', normal],
  ['收到新的推流链接顶替当前推流', normal],
  ['收到客户调用的断流请求', drop],
  ['A push interruption request from the client was received. ', drop],
  ['收到客户调用的禁播请求', forbid],
  ['A playback forbidding request from the client was received.', forbid],
  ['推流的流名称处于禁播状态', { reason: 'forbidden' }],
  ['系统主动断开长时间无数据的推流', { reason: 'timeout' }],
  ['The system actively stopped the push with no data for a long time.', { reason: 'timeout' }],
  ['RTMP协议内容异常', { reason: 'error' }],
  ['推流链路网络异常', { reason: 'error' }],
  ['代理层收到断流命令', { reason: 'unknown' }],
  ['未知原因', { reason: 'unknown' }],
  ['', { reason: 'unknown' }],
])('knows the meaning of %j', (text, meaning) => {
  expect(meaningOf(text)).toEqual(meaning);
});

test.each(['禁播', '收到客户调用的禁播请求了', 'forbid', 'A push interruption request was received', 'ok'])(
  'does not guess the meaning of %j',
  (text) => {
    expect(meaningOf(text)).toBeUndefined();
  },
);
