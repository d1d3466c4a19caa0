import type { PushSample } from '../../model/push-sample.ts';
import { type EpochMs, minuteMs } from '../../model/time.ts';
import type { RowId, SeriesTable } from '../table/series-table.ts';
import { type ClientIpSettings, shownClientIp } from './client-ip.ts';
import type { streamTexts } from './push-families.ts';

/** Publisher in the labels of push_info of one stream. */
export interface ShownPublisher {
  /** Value of the label client_ip. */
  readonly clientIp: string;
  /** Value of the label server_ip. */
  readonly serverIp: string;
  /** Time of the newest sample from this ingest node, or with an unknown node. */
  readonly serverSeenAt: EpochMs;
}

/**
 * Time in ms for which push_info keeps the address of an ingest node that further samples do not confirm. A
 * provider can report another node with each sample; without this time, each sample would create a new series.
 */
const serverHoldMs = 2 * minuteMs;

/** Minimum number of sample periods for which push_info keeps the address of an ingest node. */
const serverHoldPeriods = 12;

/**
 * Sets the labels of push_info on the row of a stream from the newest sample of the followed publisher. Returns the
 * publisher that the labels show. `shown` is the result of the previous call for the row.
 */
export function setPushInfo(
  table: SeriesTable<keyof typeof streamTexts>,
  row: RowId,
  shown: ShownPublisher | undefined,
  followed: PushSample,
  show: ClientIpSettings['show'],
): ShownPublisher {
  const next = nextShown(shown, followed, shownClientIp(followed.clientIp, show));
  if (next.clientIp === shown?.clientIp && next.serverIp === shown.serverIp) return next;
  table.setText(row, 'pushInfo', {
    client_ip: next.clientIp,
    server_ip: next.serverIp,
    push_domain: '',
    resolution: '',
    video_codec: '',
    audio_codec: '',
  });
  return next;
}

function nextShown(
  shown: ShownPublisher | undefined,
  { serverIp, measuredAt, periodMs }: PushSample,
  clientIp: string,
): ShownPublisher {
  if (shown === undefined || shown.clientIp !== clientIp)
    return { clientIp, serverIp: serverIp ?? '', serverSeenAt: measuredAt };
  const holdMs = Math.max(serverHoldMs, serverHoldPeriods * periodMs);
  const isHeld = shown.serverIp !== '' && Math.abs(measuredAt - shown.serverSeenAt) < holdMs;
  if (serverIp !== undefined && serverIp !== shown.serverIp && isHeld) return shown;
  // An unknown ingest node matches the shown node of the same publisher. Use the new strings even if they are equal:
  // the new view keeps its own copies of the strings in memory anyway, and the old copies can then be freed.
  return { clientIp, serverIp: serverIp ?? shown.serverIp, serverSeenAt: measuredAt };
}
