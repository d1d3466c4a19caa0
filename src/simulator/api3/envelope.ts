import { type EpochMs, hourMs } from '../../model/time.ts';
import type { ApiBehavior } from '../scenario/scenario.ts';
import { hashText } from '../world/random.ts';
import { audioBitsOf, type SimulatedStream } from '../world/streams.ts';
import type { SimulatedSample } from '../world/world.ts';
import type { ListQuery } from './call.ts';
import { type Api3Failure, api3Failures } from './errors.ts';

/** Response body of a failure, which has the HTTP status 200. */
export function toFailureBody(code: Api3Failure, requestId: string) {
  return { Response: { Error: { Code: code, Message: api3Failures[code] }, RequestId: requestId } };
}

/**
 * Returns the response body that lists `samples`. Not documented: the body of a response without samples. The
 * setting `behavior.empty` of the scenario determines it. The row of the sample `unfinished` has no time.
 */
export function toHistoryBody(
  stream: SimulatedStream | undefined,
  samples: readonly SimulatedSample[],
  behavior: ApiBehavior,
  requestId: string,
  unfinished?: SimulatedSample,
) {
  if (stream === undefined || (samples.length === 0 && behavior.empty !== 'list')) {
    return toEmptyBody('DataInfoList', behavior, requestId);
  }
  const rows = samples.map((sample) => {
    const row = toRow(stream, sample, behavior);
    return sample === unfinished ? { ...row, Time: null } : row;
  });
  return { Response: { DataInfoList: rows, RequestId: requestId } };
}

/**
 * Returns the response body for an empty list, as the setting `behavior.empty` of the scenario determines.
 * `others` are the other fields of the response.
 */
function toEmptyBody(list: string, { empty }: ApiBehavior, requestId: string, others: object = {}) {
  switch (empty) {
    case 'code':
      return toFailureBody('FailedOperation.HasNotLivingStream', requestId);
    case 'null':
      return { Response: { [list]: null, ...others, RequestId: requestId } };
    case 'absent':
      return { Response: { ...others, RequestId: requestId } };
    case 'list':
      return { Response: { [list]: [], ...others, RequestId: requestId } };
    default:
      return empty satisfies never;
  }
}

/** Stream that is live, with the begin of its push (wall clock, epoch ms). */
export interface LiveStream {
  readonly stream: SimulatedStream;
  readonly startedAt: EpochMs;
}

/** Returns the response body that contains one page of `live`. */
export function toListBody(
  live: readonly LiveStream[],
  { page, pageSize }: Pick<ListQuery, 'page' | 'pageSize'>,
  behavior: ApiBehavior,
  requestId: string,
) {
  const pages = {
    TotalNum: live.length,
    TotalPage: Math.ceil(live.length / pageSize),
    PageNum: page,
    PageSize: pageSize,
  };
  if (live.length === 0) return toEmptyBody('OnlineInfo', behavior, requestId, pages);
  const rows = live.slice((page - 1) * pageSize, page * pageSize).map(({ stream, startedAt }) => ({
    StreamName: stream.name,
    AppName: stream.appName,
    DomainName: stream.domain,
    PublishTimeList: [{ PublishTime: `${new Date(startedAt).toISOString().slice(0, 19)}Z` }],
    PushToDelay: 0,
  }));
  return {
    Response: {
      OnlineInfo: rows,
      ...pages,
      RequestId: requestId,
    },
  };
}

/** Live stream with its newest sample. */
export interface LivePushRow extends LiveStream {
  readonly sample: SimulatedSample | undefined;
}

/**
 * Returns the response body that contains one page of the live pushes, of which there are `total`. The bit
 * rates are in bit/s, those of the encoder (`Meta...`) in kbit/s. The values of a push without a sample yet
 * are 0.
 */
export function toPushListBody(
  rows: readonly LivePushRow[],
  total: number,
  { page, pageSize }: Pick<ListQuery, 'page' | 'pageSize'>,
  behavior: ApiBehavior,
  requestId: string,
) {
  if (total === 0) return toEmptyBody('DataInfoList', behavior, requestId);
  return {
    Response: {
      DataInfoList: rows.map((row) => toPushRow(row, behavior)),
      TotalNum: total,
      TotalPage: Math.ceil(total / pageSize),
      PageNum: page,
      PageSize: pageSize,
      RequestId: requestId,
    },
  };
}

function toPushRow({ stream, startedAt, sample }: LivePushRow, { time, numbers }: ApiBehavior) {
  const toNumber = (value: number) => (numbers === 'string' ? String(value) : value);
  const total = sample?.bitsPerSecond ?? 0;
  const audio = audioBitsOf(total);
  const beijing = toTimeText(startedAt, time);
  return {
    StreamName: stream.name,
    AppName: stream.appName,
    PushDomain: stream.domain,
    ClientIp: sample?.clientIp ?? stream.clientIp,
    ServerIp: sample?.serverIp ?? stream.serverIp,
    // The documented example has no fraction.
    BeginPushTime: beijing.replace(/\.\d+$/, ''),
    Resolution: '1920*1080',
    Acodec: 'AAC',
    Vcodec: 'H264',
    VideoFps: toNumber(sample?.framesPerSecond ?? 0),
    AudioFps: toNumber(43),
    VideoSpeed: toNumber(total - audio),
    AudioSpeed: toNumber(audio),
    AsampleRate: toNumber(44_100),
    MetaFps: toNumber(stream.framesPerSecond),
    MetaVideoSpeed: toNumber(Math.round(stream.bitsPerSecond / 1_000)),
    MetaAudioSpeed: toNumber(128),
  };
}

/**
 * Converts a sample to a row of the response. The bit rates are in bit/s, and LocalTs, VideoTs, AudioTs in
 * ms.
 */
function toRow(stream: SimulatedStream, sample: SimulatedSample, { time, numbers }: ApiBehavior) {
  const { framesPerSecond, bitsPerSecond, periodMs } = sample;
  const toNumber = (value: number | undefined) =>
    numbers === 'string' && value !== undefined ? String(value) : value;
  const audio = bitsPerSecond === undefined ? undefined : audioBitsOf(bitsPerSecond);
  return {
    Time: toTimeText(sample.measuredAt, time),
    PushDomain: stream.domain,
    AppName: stream.appName,
    ClientIp: sample.clientIp,
    ServerIp: sample.serverIp,
    Resolution: '1920*1080',
    VCodec: 'H264',
    ACodec: 'AAC',
    Sequence: toSequence(stream, sample),
    StreamParam: 'txSecret=simulator',
    VideoFps: toNumber(framesPerSecond),
    AudioFps: toNumber(43),
    VideoRate: toNumber(bitsPerSecond === undefined ? undefined : bitsPerSecond - (audio ?? 0)),
    AudioRate: toNumber(audio),
    LocalTs: toNumber(periodMs),
    VideoTs: toNumber(framesPerSecond === 0 ? 0 : (sample.videoMs ?? periodMs)),
    AudioTs: toNumber(periodMs),
    MetaVideoRate: toNumber(Math.round(stream.bitsPerSecond / 1_000)),
    MetaAudioRate: toNumber(128),
    MateFps: toNumber(stream.framesPerSecond),
    GopSize: toNumber(sample.keyframeIntervalMs ?? 2_000),
  };
}

/**
 * Returns the ID of the push, a decimal text of 19 digits. The world has no pushes of its own, so each
 * publisher of a stream has one ID.
 */
function toSequence({ seed }: SimulatedStream, { clientIp }: SimulatedSample): string {
  return `667440418${String(hashText(`${seed} ${clientIp}`)).padStart(10, '0')}`;
}

/**
 * Formats a time as the China site did until August 2023 (`naive`, Beijing time), or as it does since then.
 */
function toTimeText(at: EpochMs, format: ApiBehavior['time']): string {
  const beijing = new Date(at + 8 * hourMs).toISOString().slice(0, 19);
  return format === 'naive' ? `${beijing.replace('T', ' ')}.0` : `${beijing}+08:00`;
}
