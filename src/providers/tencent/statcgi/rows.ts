import { isBlank, toRows } from '../../kit/rows.ts';
import { readFields } from '../../kit/values.ts';

/**
 * Returns the rows of a response, from its field `output`; undefined if the shape is unknown. The
 * documentation says "array". Public clients of this API family read an object or a list with one object. So
 * all three shapes are accepted, also as a string of JSON. If `output` is undefined, there are no rows:
 * `createStatcgiCall` accepts a response without `output` only if the response says that there is no data.
 */
export function streamInfoRows(output: unknown): readonly unknown[] | undefined {
  if (output === undefined) return [];
  if (typeof output === 'string') {
    const parsed = parse(output);
    // Accept only one level of JSON in a string: reject a string whose parsed value is again a string.
    return typeof parsed === 'string' ? undefined : streamInfoRows(parsed);
  }
  if (Array.isArray(output)) return rowsOfList(output);
  const fields = readFields(output);
  return fields !== undefined && 'stream_info' in fields ? rowsOf(fields.stream_info) : undefined;
}

/**
 * Returns the rows of a list. Each element of the list is a row, or an object with rows in its field
 * `stream_info`. Returns undefined if an element has another shape.
 */
function rowsOfList(list: readonly unknown[]): readonly unknown[] | undefined {
  const rows: unknown[] = [];
  for (const element of list) {
    const fields = readFields(element);
    const part = fields !== undefined && 'stream_info' in fields ? rowsOf(fields.stream_info) : [element];
    if (part === undefined) return undefined;
    for (const row of part) rows.push(row);
  }
  return rows;
}

/** Returns the rows in `stream_info`, which a response without rows can leave blank. */
function rowsOf(streamInfo: unknown): readonly unknown[] | undefined {
  return isBlank(streamInfo) ? [] : toRows(streamInfo);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
