import type { AlibabaBehavior } from '../scenario/scenario.ts';
import type { RecordedAction } from '../world/world.ts';
import { utcText } from './times.ts';

/** What an answer is written in. */
export type Format = AlibabaBehavior['format'];

/** A record as the API spells it. */
type ControlRecord = Readonly<Record<string, string>>;

/** Answers are `application/json` or, where a call names no other format, `text/xml`. */
export const contentTypes: Readonly<Record<Format, string>> = {
  json: 'application/json;charset=utf-8',
  xml: 'text/xml;charset=utf-8',
};

/** The answer with these actions, in their order (seed 004_3a006501540ff5cf.txt). */
export function historyText(
  actions: readonly RecordedAction[],
  { behavior, format, requestId }: { behavior: AlibabaBehavior; format: Format; requestId: string },
): string {
  const records = actions.map((action) => toRecord(action, behavior));
  if (format === 'json') {
    // Stringify leaves out what is undefined.
    return JSON.stringify({ ControlInfo: toControlInfo(records, behavior), RequestId: requestId });
  }
  const elements = records.map((record) => element('LiveStreamControlInfo', fieldsText(record)));
  const isLeftOut = records.length === 0 && behavior.noRecords === 'absent';
  const info = isLeftOut ? '' : element('ControlInfo', elements.join(''));
  return xml('DescribeLiveStreamsControlHistoryResponse', `${info}${element('RequestId', requestId)}`);
}

/** No document shows how the API says "none", nor what it makes of a single record. */
function toControlInfo(
  records: readonly ControlRecord[],
  { noRecords, oneRecord }: AlibabaBehavior,
): unknown {
  const [only] = records;
  if (records.length === 1 && oneRecord === 'object') return { LiveStreamControlInfo: only };
  if (records.length > 0) return { LiveStreamControlInfo: records };
  switch (noRecords) {
    case 'list':
      return { LiveStreamControlInfo: [] };
    case 'object':
      return {};
    case 'outer_list':
      return [];
    case 'null':
      return null;
    case 'text':
      return '';
    case 'absent':
      return undefined;
    default:
      return noRecords satisfies never;
  }
}

function toRecord(
  { spelling, clientIp, domain, appName, stream, actedAt }: RecordedAction,
  { streamName, extraKeys }: AlibabaBehavior,
): ControlRecord {
  return {
    Action: spelling,
    ...(clientIp === undefined ? {} : { ClientIP: clientIp }),
    StreamName: streamName === 'full' ? `${domain}/${appName}/${stream}` : stream,
    TimeStamp: utcText(actedAt),
    ...(extraKeys ? { Extra: 'no document has this key' } : {}),
  };
}

/** The body of a failure, as the gateway writes it. */
export function failureText(
  fields: Readonly<Record<string, string>>,
  format: Format,
  details?: Readonly<Record<string, string>>,
): string {
  if (format === 'json') return JSON.stringify({ ...fields, AccessDeniedDetail: details });
  const more = details === undefined ? '' : element('AccessDeniedDetail', fieldsText(details));
  return xml('Error', `${fieldsText(fields)}${more}`);
}

function fieldsText(fields: Readonly<Record<string, string>>): string {
  return Object.entries(fields)
    .map(([name, value]) => element(name, escaped(value)))
    .join('');
}

function xml(name: string, content: string): string {
  return `<?xml version="1.0" encoding="UTF-8"?>${element(name, content)}`;
}

/** `content` is markup, or text escaped already. */
function element(name: string, content: string): string {
  return content === '' ? `<${name}/>` : `<${name}>${content}</${name}>`;
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
