import type { PushMedia } from '../../model/push-media.ts';
import type { PushSample } from '../../model/push-sample.ts';
import { minuteMs, secondMs } from '../../model/time.ts';
import type { RowId, SeriesTable } from '../table/series-table.ts';
import { type ClientIpSettings, shownClientIp } from './client-ip.ts';
import type { streamTexts } from './push-families.ts';

/** Publisher in the labels of push_info of one stream. */
export interface ShownPublisher {
  /** Value of the label client_ip; undefined before the first view with a publisher. */
  infoClientIp: string | undefined;
  /** Value of the label server_ip; undefined before the first view with a publisher. */
  infoServerIp: string | undefined;
  /**
   * Time of the newest sample from this ingest node, or with an unknown node, in epoch seconds; 0 before the
   * first one. In seconds, V8 stores the number in the object itself.
   */
  infoServerSeenSecond: number;
  /** Media values whose texts are labels; undefined if the provider reports none. */
  infoMedia: PushMedia | undefined;
}

/**
 * Time in ms for which push_info keeps the address of an ingest node that further samples do not confirm. A
 * provider can report another node with each sample; without this time, each sample would create a new series.
 */
const serverHoldMs = 2 * minuteMs;

/** Minimum number of sample periods for which push_info keeps the address of an ingest node. */
const serverHoldPeriods = 12;

/**
 * Sets the labels of push_info on the row of a stream from the newest sample of the followed publisher. `shown` is the
 * publisher that the labels show, and is updated.
 */
export function setPushInfo(
  table: SeriesTable<keyof typeof streamTexts>,
  row: RowId,
  shown: ShownPublisher,
  followed: PushSample,
  show: ClientIpSettings['show'],
): void {
  const { measuredAt, media } = followed;
  const clientIp = shownClientIp(followed.clientIp, show);
  const isSamePublisher = shown.infoClientIp === clientIp;
  const isHeld = isSamePublisher && isServerHeld(shown, followed);
  // An unknown ingest node matches the shown node of the same publisher.
  const known = isHeld ? undefined : followed.serverIp;
  const serverIp = known ?? (isSamePublisher ? shown.infoServerIp : undefined) ?? '';
  const isSameMedia = hasSameTexts(shown.infoMedia, media);
  const isUnchanged = isSamePublisher && shown.infoServerIp === serverIp && isSameMedia;
  // Replace the strings even if they are equal. The new view keeps its own copies of the strings in memory
  // anyway, and the memory of the old copies can then be freed.
  shown.infoClientIp = clientIp;
  shown.infoMedia = media;
  if (!isHeld) {
    shown.infoServerIp = serverIp;
    shown.infoServerSeenSecond = Math.floor(measuredAt / secondMs);
  }
  if (isUnchanged) return;
  table.setText(row, 'pushInfo', {
    client_ip: clientIp,
    server_ip: serverIp,
    push_domain: media?.pushDomain ?? '',
    resolution: media?.resolution ?? '',
    video_codec: media?.videoCodec ?? '',
    audio_codec: media?.audioCodec ?? '',
  });
}

function hasSameTexts(a: PushMedia | undefined, b: PushMedia | undefined): boolean {
  return (
    a === b ||
    (a?.pushDomain === b?.pushDomain &&
      a?.resolution === b?.resolution &&
      a?.videoCodec === b?.videoCodec &&
      a?.audioCodec === b?.audioCodec)
  );
}

/** Reports whether the labels keep a node that was seen lately, although the sample is from another one. */
function isServerHeld(
  { infoServerIp: shown, infoServerSeenSecond }: ShownPublisher,
  { serverIp, measuredAt, periodMs }: PushSample,
): boolean {
  if (serverIp === undefined || serverIp === shown || shown === '') return false;
  const holdMs = Math.max(serverHoldMs, serverHoldPeriods * periodMs);
  return Math.abs(measuredAt - infoServerSeenSecond * secondMs) < holdMs;
}
