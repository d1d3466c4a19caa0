import type { Call } from '../../../calls/call.ts';
import { capabilityOf } from '../../../model/operations.ts';
import { plausibleBps } from '../../../model/plausible-bitrate.ts';
import type { PushSample } from '../../../model/push-sample.ts';
import type { ListedPush, LivePushStatsSource } from '../../../model/questions.ts';
import type { EpochMs } from '../../../model/time.ts';
import { createAddressReader } from '../../kit/address.ts';
import {
  maxBitsPerSecond,
  maxFramesPerSecond,
  readUpTo,
  totalOf,
  valueWarning,
  wasDropped,
} from '../../kit/push-values.ts';
import { readExactName, readFields } from '../../kit/values.ts';
import { type Api3ListParts, type Api3Site, readAppList } from './app-list.ts';
import { createMediaReader } from './media.ts';

const operation = 'DescribeLiveStreamPushInfoList';
const { intervalMs } = capabilityOf(operation);
const { periodMs } = capabilityOf('DescribeStreamPushInfoList');

/**
 * Number of rows per page, by site. Source: the SDK models of both sites document a default of 200 and at
 * most 100,000 rows for the China site and 1,000 for the international one. A row has about 450 bytes, and a
 * name can add 200, so that a larger page than this one could exceed the limit of 1 MiB of a response.
 */
const pageSizes: Readonly<Record<Api3Site, number>> = { china: 1_000, international: 1_000 };

export const unitWarning = `VideoSpeed of a live stream is below ${plausibleBps.min}: its unit is probably not bit/s, and livestream_push_bitrate_bps is wrong; report this`;

/**
 * Creates the source of live pushes, which calls DescribeLiveStreamPushInfoList of API 3.0.
 *
 * Units: VideoSpeed and AudioSpeed are read as bit/s. The documentation said so until October 2021 and says
 * so since January 2022; in between, it said kbit/s. MetaVideoSpeed and MetaAudioSpeed, the bit rates that
 * the encoder declares (kbit/s until that edit), are not used.
 */
export function createApi3LivePushes(
  call: Call,
  { site, now, inSlices }: Api3ListParts,
): LivePushStatsSource {
  const readMedia = createMediaReader();
  return {
    operation,
    limits: { intervalMs },
    async listLivePushes(app, signal) {
      const at = now();
      const warnings = new Set<string>();
      const read = {
        at,
        readMedia,
        warnings,
        readClientIp: createAddressReader(),
        readServerIp: createAddressReader(),
      };
      const list = {
        operation,
        inSlices,
        domainField: 'PushDomain',
        listField: 'DataInfoList',
        pageSize: pageSizes[site],
        readRow: (row: unknown) => readLivePush(row, read),
        // Two pushes of one stream, such as main and backup, are two rows.
        keyOf: ({ stream, sample }: ListedPush) => `${sample.clientIp ?? ''} ${stream}`,
        isOld: ({ sample }: ListedPush) => (sample.media?.beganAt ?? at) <= at,
      } as const;
      const answer = await readAppList(call, list, app, signal);
      return { ...answer, warnings: [...answer.warnings, ...warnings] };
    },
  };
}

/** State that the conversion of all rows of a list shares. */
interface Reading {
  /** Time of the request. */
  readonly at: EpochMs;
  readonly readMedia: ReturnType<typeof createMediaReader>;
  readonly readClientIp: ReturnType<typeof createAddressReader>;
  readonly readServerIp: ReturnType<typeof createAddressReader>;
  readonly warnings: Set<string>;
}

/**
 * Converts one row to a live push; undefined if it has no usable name. Each row is a push that is live, so a
 * row whose values are missing is readable: its values are unknown.
 */
function readLivePush(row: unknown, reading: Reading): ListedPush | undefined {
  const { at, readMedia, readClientIp, readServerIp, warnings } = reading;
  const fields = readFields(row);
  const stream = readExactName(fields?.StreamName);
  if (fields === undefined || stream === undefined) return undefined;
  const framesPerSecond = readUpTo(maxFramesPerSecond, fields.VideoFps);
  const video = readUpTo(maxBitsPerSecond, fields.VideoSpeed);
  const audio = readUpTo(maxBitsPerSecond, fields.AudioSpeed);
  const isImplausible =
    wasDropped(fields.VideoFps, framesPerSecond) ||
    wasDropped(fields.VideoSpeed, video) ||
    wasDropped(fields.AudioSpeed, audio);
  if (isImplausible) warnings.add(valueWarning);
  if (isTooSlow(framesPerSecond, video)) warnings.add(unitWarning);
  const sample: PushSample = {
    measuredAt: at,
    periodMs,
    clientIp: readClientIp(fields.ClientIp),
    serverIp: readServerIp(fields.ServerIp),
    session: undefined,
    framesPerSecond,
    bitsPerSecond: totalOf(video, audio),
    media: readMedia(toHistoryFields(fields)),
  };
  return { stream, sample };
}

/** Reports whether a stream has video, but hardly any bits of it. */
function isTooSlow(framesPerSecond: number | undefined, video: number | undefined): boolean {
  return (framesPerSecond ?? 0) > 0 && video !== undefined && video > 0 && video < plausibleBps.min;
}

/** Returns the fields of a row under the names that DescribeStreamPushInfoList gives them. */
function toHistoryFields(fields: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const { PushDomain, Resolution, BeginPushTime, AudioFps } = fields;
  return {
    ...{ PushDomain, Resolution, BeginPushTime, AudioFps },
    VideoRate: fields.VideoSpeed,
    AudioRate: fields.AudioSpeed,
    MateFps: fields.MetaFps,
    VCodec: fields.Vcodec,
    ACodec: fields.Acodec,
  };
}
