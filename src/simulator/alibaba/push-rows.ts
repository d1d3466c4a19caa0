import type { PushSample } from '../../model/push-sample.ts';
import { type EpochMs, secondMs, type Window } from '../../model/time.ts';
import type { AlibabaBehavior } from '../scenario/scenario.ts';
import { audioBitsOf, type SimulatedStream } from '../world/streams.ts';
import type { World } from '../world/world.ts';
import type { ListQuery } from './call.ts';
import { toList } from './envelope.ts';
import { toUtcText } from './times.ts';

/** Number of bits that the number 1 means in a bit rate, by unit. */
export const bitsPerUnit = { bit: 1, byte: 8, kbit: 1_000 } as const;

/**
 * Converts a sample to a row of DescribeLiveCenterStreamRateData, whose values are texts. A row that is not
 * finished has no time.
 */
export function toRateRow(
  { measuredAt, framesPerSecond, bitsPerSecond }: PushSample,
  { bitrateUnit }: AlibabaBehavior,
  isUnfinished: boolean,
): Readonly<Record<string, string>> {
  const toRate = (bits: number | undefined) =>
    bits === undefined ? '' : String(bits / bitsPerUnit[bitrateUnit]);
  const audio = bitsPerSecond === undefined ? undefined : audioBitsOf(bitsPerSecond);
  return {
    Time: isUnfinished ? '' : toUtcText(measuredAt),
    VideoFps: framesPerSecond === undefined ? '' : String(framesPerSecond),
    AudioFps: '43',
    VideoRate: toRate(bitsPerSecond === undefined ? undefined : bitsPerSecond - (audio ?? 0)),
    AudioRate: toRate(audio),
  };
}

/** Time in ms between two rows of DescribeLiveCenterStreamRateData. */
const periodMs = 5 * secondMs;

/** Returns rows in which all values are 0 for each period of the window in which no sample was measured. */
export function toSilentRows(
  samples: readonly PushSample[],
  { from, to }: Window,
): readonly Readonly<Record<string, string>>[] {
  const periods = new Set(samples.map(({ measuredAt }) => Math.floor(measuredAt / periodMs)));
  const first = Math.ceil(from / periodMs);
  const count = Math.max(0, Math.floor(to / periodMs) - first + 1);
  return Array.from({ length: count }, (_, index) => first + index)
    .filter((period) => !periods.has(period))
    .map((period) => ({
      Time: toUtcText(period * periodMs),
      VideoFps: '0',
      AudioFps: '0',
      VideoRate: '0',
      AudioRate: '0',
    }));
}

type ListRow = Readonly<Record<string, string | number | undefined>>;

/**
 * Returns the rows of DescribeLiveStreamsOnlineList at `at` (wall clock), newest push first, so that all
 * others move when a push begins. Each template of the scenario adds a transcoded stream for each stream.
 */
export function toListRows(
  world: World,
  { domain, appName, stream: name, type }: ListQuery,
  at: EpochMs,
  pushDomainOf: (stream: SimulatedStream) => string,
): readonly ListRow[] {
  const templates = type === 'raw' ? [] : world.scenario.alibaba.transcoded;
  return world.streams
    .filter((stream) => stream.domain === domain && (appName === '' || stream.appName === appName))
    .flatMap((stream) => {
      const startedAt = world.pushBeginAt(stream, at);
      return startedAt === undefined ? [] : [{ stream, startedAt }];
    })
    .toSorted((a, b) => b.startedAt - a.startedAt)
    .flatMap(({ stream, startedAt }) => {
      const row = toListRow(stream, startedAt, pushDomainOf(stream));
      const transcoded = templates.map((template) => toTranscoded(row, template));
      return type === 'trans' ? transcoded : [row, ...transcoded];
    })
    .filter(({ StreamName }) => name === '' || String(StreamName).includes(name));
}

function toListRow(stream: SimulatedStream, startedAt: EpochMs, pushDomain: string): ListRow {
  const { domain, appName, name, framesPerSecond, clientIp, serverIp } = stream;
  return {
    DomainName: domain,
    AppName: appName,
    StreamName: name,
    PublishDomain: pushDomain,
    PublishUrl: `rtmp://${pushDomain}/${appName}/${name}?auth_key=simulator`,
    PublishTime: toUtcText(startedAt),
    PublishType: pushDomain === domain ? 'center' : 'edge',
    ClientIp: clientIp,
    ServerIp: serverIp,
    FrameRate: Math.round(framesPerSecond),
    Width: 1_920,
    Height: 1_080,
    VideoCodecId: 7,
    AudioCodecId: 10,
    Transcoded: 'no',
  };
}

function toTranscoded(row: ListRow, template: string): ListRow {
  return {
    ...row,
    StreamName: `${row.StreamName}_${template}`,
    PublishType: 'center',
    ClientIp: '11.0.0.1',
    ServerIp: undefined,
    Transcoded: 'yes',
    TranscodeId: template,
  };
}

/** Returns the fields of a response with one page of `total` rows. */
export function toListFields(
  rows: readonly ListRow[],
  total: number,
  { page, pageSize }: Pick<ListQuery, 'page' | 'pageSize'>,
  behavior: AlibabaBehavior,
) {
  return {
    TotalNum: total,
    TotalPage: Math.ceil(total / pageSize),
    PageNum: page,
    PageSize: pageSize,
    OnlineInfo: toList(rows, behavior, 'LiveStreamOnlineInfo'),
  };
}
