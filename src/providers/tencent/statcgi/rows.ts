import { toRows } from '../../kit/rows.ts';
import { readFields } from '../../kit/values.ts';

/**
 * Returns the rows of a response, from its field `output`; undefined if the shape is unknown. The
 * documentation says "array". Public clients of this API family read an object, a list with one object, or
 * null. So all four shapes are accepted, also as a string of JSON.
 */
export function streamInfoRows(output: unknown): readonly unknown[] | undefined {
  if (typeof output === 'string' && output !== '') {
    const parsed = parse(output);
    // Accept only one level of JSON in a string: reject a string whose parsed value is again a string.
    return typeof parsed === 'string' ? undefined : streamInfoRows(parsed);
  }
  if (Array.isArray(output)) return rowsOfList(output);
  const fields = readFields(output);
  if (fields === undefined) return toRows(output);
  if ('stream_info' in fields) return toRows(fields.stream_info);
  return Object.keys(fields).length === 0 ? [] : undefined;
}

/**
 * Returns the rows of a list. Each element of the list is a row, or an object with rows in its field
 * `stream_info`. Returns undefined if an element has another shape.
 */
function rowsOfList(list: readonly unknown[]): readonly unknown[] | undefined {
  const rows: unknown[] = [];
  for (const element of list) {
    const fields = readFields(element);
    const part = fields !== undefined && 'stream_info' in fields ? toRows(fields.stream_info) : [element];
    if (part === undefined) return undefined;
    for (const row of part) rows.push(row);
  }
  return rows;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
