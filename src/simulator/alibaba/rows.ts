import type { AlibabaBehavior } from '../scenario/scenario.ts';
import type { RecordedAction } from '../world/world.ts';
import { toUtcText } from './times.ts';

/** Row of a response, with the field names of the API. */
export type Row = Readonly<Record<string, string>>;

export function toRow(
  { actionLabel, clientIp, domain, appName, stream, actedAt }: RecordedAction,
  { streamName, extraKeys }: AlibabaBehavior,
): Row {
  return {
    Action: actionLabel,
    ...(clientIp === undefined ? {} : { ClientIP: clientIp }),
    StreamName: streamName === 'full' ? `${domain}/${appName}/${stream}` : stream,
    TimeStamp: toUtcText(actedAt),
    ...(extraKeys ? { Extra: 'undocumented key' } : {}),
  };
}
