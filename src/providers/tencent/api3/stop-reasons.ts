import type { EndReason } from '../../../model/push-end.ts';

/** Meaning of a `StopReason`. */
export interface StopReason {
  readonly reason: EndReason;
  /** Control action that ended the push, in the words of the API; absent if none did. */
  readonly action?: 'forbid' | 'drop';
}

const normal: StopReason = { reason: 'normal' };
const error: StopReason = { reason: 'error' };
const timeout: StopReason = { reason: 'timeout' };
const unknown: StopReason = { reason: 'unknown' };
const dropped: StopReason = { reason: 'forbidden', action: 'drop' };
const forbidden: StopReason = { reason: 'forbidden', action: 'forbid' };
/** The push was refused because of an earlier ban, which is no new action. */
const refused: StopReason = { reason: 'forbidden' };

/**
 * Meaning of the texts, in the form of `normalized`. Source: the tables of stream interruption records of
 * both sites (cloud.tencent.com/document/product/440/35256, tencentcloud.com/document/product/267/31083),
 * which name DescribeLiveStreamEventList as their API, and the error codes of the callback (267/38081). Not
 * documented: whether the API always returns these texts, and in which language. So a text that differs means
 * `unknown`, and never an action. The code 10 ("proxy layer") does not say who sent the command.
 */
const meanings: ReadonlyMap<string, StopReason> = new Map<string, StopReason>(
  (
    [
      ['推流客户端主动断流', normal],
      ['客户端主动断流', normal],
      ['The push client actively stopped the push', normal],
      ['收到新的推流链接顶替当前推流', normal],
      ['收到新的推流链接顶替当前无数据的推流', normal],
      ['A new push link was received to replace the current push', normal],
      ['收到客户调用的断流请求', dropped],
      ['A push interruption request from the client was received', dropped],
      ['收到客户调用的禁播请求', forbidden],
      ['A playback forbidding request from the client was received', forbidden],
      ['推流的流名称处于禁播状态', refused],
      ['The pushed stream name is in forbidden status', refused],
      ['系统主动断开长时间无数据的推流', timeout],
      ['The system actively disconnected the push as there was no data for a prolonged time', timeout],
      ['The system actively disconnected the push as there was no data for a long time', timeout],
      ['The system actively stopped the push with no data for a long time', timeout],
      ['直播系统内部错误', error],
      ['Internal error in the CSS system', error],
      ['Internal error in the LVB system', error],
      ['The live streaming system has an internal error', error],
      ['RTMP 协议内容异常', error],
      ['Exception with the RTMP protocol content', error],
      ['Abnormal RTMP protocol content', error],
      ['RTMP AMF 数据异常', error],
      ['Exception with the RTMP AMF data', error],
      ['Abnormal RTMP AMF data', error],
      ['RTMP 单个帧大小超过配置允许的最大值', error],
      ['The size of a single RTMP frame exceeds the maximum value allowed by the configuration', error],
      ['推流链路网络异常', error],
      ['Exception with the push linkage network', error],
      ['Abnormal stream pushing link network', error],
      ['第三方鉴权失败', error],
      ['Third-party authentication failed', error],
      ['Third-party authentication failure', error],
      ['代理层收到断流命令', unknown],
      ['The proxy layer received an interruption command', unknown],
      ['未知原因', unknown],
      ['Unknown reason', unknown],
      ['Unknown error', unknown],
    ] as const
  ).map(([text, meaning]) => [normalized(text), meaning]),
);

/**
 * Returns the meaning of a `StopReason`; undefined if the text is not documented. An empty text says nothing.
 */
export function meaningOf(text: string): StopReason | undefined {
  const key = normalized(text);
  return key === '' ? unknown : meanings.get(key);
}

/**
 * Removes what can differ without another meaning: white space, the case of letters, and the final period.
 */
function normalized(text: string): string {
  return text
    .toLowerCase()
    .replace(/\s+/g, '')
    .replace(/[.。]+$/, '');
}
