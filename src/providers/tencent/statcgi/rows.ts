import { readFields } from '../../kit/read.ts';

/**
 * The rows in the `output` of an answer, or undefined for a form that nobody has seen. The pages say "array";
 * public clients of the family read an object, a list with one object, and null. So all of these are taken.
 */
export function streamInfoRows(output: unknown): readonly unknown[] | undefined {
  if (typeof output === 'string' && output !== '') {
    const unwrapped = parse(output);
    // A text in a text is nobody's habit.
    return typeof unwrapped === 'string' ? undefined : streamInfoRows(unwrapped);
  }
  if (isNothing(output)) return [];
  if (Array.isArray(output)) return rowsOfList(output);
  const fields = readFields(output);
  return fields !== undefined && 'stream_info' in fields ? rowsOfStreamInfo(fields.stream_info) : undefined;
}

/** A list of objects with `stream_info`, or of the rows themselves. */
function rowsOfList(list: readonly unknown[]): readonly unknown[] | undefined {
  const rows: unknown[] = [];
  for (const one of list) {
    const fields = readFields(one);
    const part =
      fields !== undefined && 'stream_info' in fields ? rowsOfStreamInfo(fields.stream_info) : [one];
    if (part === undefined) return undefined;
    for (const row of part) rows.push(row);
  }
  return rows;
}

/** One row may stand there without a list round it. */
function rowsOfStreamInfo(info: unknown): readonly unknown[] | undefined {
  if (isNothing(info)) return [];
  if (Array.isArray(info)) return info;
  return readFields(info) === undefined ? undefined : [info];
}

/** An empty list is sometimes written as an empty object, or as no value. */
function isNothing(value: unknown): boolean {
  const fields = readFields(value);
  return (
    value === undefined ||
    value === null ||
    value === '' ||
    (fields !== undefined && Object.keys(fields).length === 0)
  );
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
