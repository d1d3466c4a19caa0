import type { AlibabaBehavior } from '../scenario/scenario.ts';
import type { RecordedAction } from '../world/actions.ts';
import { toUtcText } from './times.ts';

/** Format of a response body: JSON or XML. */
export type Format = AlibabaBehavior['format'];

/**
 * Returns the response body that lists `actions` in the given order. Source:
 * DescribeLiveStreamsControlHistory, help.aliyun.com/document_detail/35411 (saved copy
 * 004_3a006501540ff5cf.txt).
 */
export function toHistoryText(
  actions: readonly RecordedAction[],
  { behavior, format, requestId }: { behavior: AlibabaBehavior; format: Format; requestId: string },
): string {
  const rows = actions.map((action) => toRow(action, behavior));
  if (format === 'json') {
    // JSON.stringify omits ControlInfo if the value is undefined.
    return JSON.stringify({ ControlInfo: toControlInfo(rows, behavior), RequestId: requestId });
  }
  const elements = rows.map((row) => element('LiveStreamControlInfo', toElements(row)));
  const isOmitted = rows.length === 0 && behavior.noRecords === 'absent';
  const info = isOmitted ? '' : element('ControlInfo', elements.join(''));
  return toXml('DescribeLiveStreamsControlHistoryResponse', `${info}${element('RequestId', requestId)}`);
}

/** Row of a response: the texts of one control action, by field name of the API. */
type Row = Readonly<Record<string, string>>;

function toRow(
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

/**
 * Returns the value of ControlInfo in a JSON response; undefined if the response has no ControlInfo. Not
 * documented: the shape of an empty response and of a response with one row. The settings `noRecords` and
 * `oneRecord` of the scenario determine them.
 */
function toControlInfo(rows: readonly Row[], behavior: AlibabaBehavior): unknown {
  const isEmptyList = rows.length === 0 && behavior.noRecords === 'list';
  return isEmptyList ? { LiveStreamControlInfo: [] } : toList(rows, behavior, 'LiveStreamControlInfo');
}

/**
 * Returns the value of a list at the top level of a response: an object whose key `name` contains the rows,
 * or the rows themselves without a name. Not documented: the shape of a list without rows or with one; the
 * settings `noRecords` and `oneRecord` of the scenario determine them.
 */
export function toList(
  rows: readonly unknown[],
  { noRecords, oneRecord }: AlibabaBehavior,
  name?: string,
): unknown {
  if (rows.length === 0) {
    return { list: [], object: {}, outer_list: [], null: null, text: '', absent: undefined }[noRecords];
  }
  const list = rows.length === 1 && oneRecord === 'object' ? rows[0] : rows;
  return name === undefined ? list : { [name]: list };
}

/** Returns the response body of a request that succeeded. Fields with the value undefined are left out. */
export function toSuccessText(
  operation: string,
  fields: Readonly<Record<string, unknown>>,
  format: Format,
): string {
  return format === 'json' ? JSON.stringify(fields) : toXml(`${operation}Response`, toMarkup(fields));
}

/** Converts a JSON value to XML. A list becomes one element per item, with the name of the list. */
function toMarkup(value: unknown): string {
  if (typeof value !== 'object' || value === null) return escapeXml(String(value ?? ''));
  return Object.entries(value)
    .flatMap(([name, field]) => {
      if (field === undefined) return [];
      const items: readonly unknown[] = Array.isArray(field) && field.length > 0 ? field : [field];
      return items.map((item) => element(name, toMarkup(item)));
    })
    .join('');
}

/**
 * Returns the response body of a failed request, in the shape that the API gateway uses. `fields` contains
 * the top-level fields, such as Code and Message. `details` is the content of AccessDeniedDetail.
 */
export function toFailureText(
  fields: Readonly<Record<string, string>>,
  format: Format,
  details?: Readonly<Record<string, string>>,
): string {
  if (format === 'json') return JSON.stringify({ ...fields, AccessDeniedDetail: details });
  const detail = details === undefined ? '' : element('AccessDeniedDetail', toElements(details));
  return toXml('Error', `${toElements(fields)}${detail}`);
}

function toElements(fields: Readonly<Record<string, string>>): string {
  return Object.entries(fields)
    .map(([name, value]) => element(name, escapeXml(value)))
    .join('');
}

function toXml(name: string, content: string): string {
  return `<?xml version="1.0" encoding="UTF-8"?>${element(name, content)}`;
}

/**
 * Formats an XML element. `content` must be markup, or text in which special characters are already escaped.
 */
function element(name: string, content: string): string {
  return content === '' ? `<${name}/>` : `<${name}>${content}</${name}>`;
}

function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
