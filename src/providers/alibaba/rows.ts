import { readFields } from '../kit/read.ts';

/**
 * The records of an answer, in the list `inner` within the object `outer`; undefined for a form that nobody has seen.
 * Every page shows a list, but no answer without records was ever recorded for control history, and XML does not tell
 * a list of one from one: so all of these are taken.
 */
export function recordsOf(answer: unknown, outer: string, inner: string): readonly unknown[] | undefined {
  const fields = readFields(answer);
  if (fields === undefined) return undefined;
  // Every answer of Alibaba's has an id. Without one, to say "nothing" it takes the wrapper.
  if (!(outer in fields)) return 'RequestId' in fields || 'requestId' in fields ? [] : undefined;

  const wrapper = fields[outer];
  const wrapped = readFields(wrapper);
  return rowsOf(wrapped !== undefined && inner in wrapped ? wrapped[inner] : wrapper);
}

/** One record may stand there without a list round it. */
function rowsOf(list: unknown): readonly unknown[] | undefined {
  if (isNothing(list)) return [];
  if (Array.isArray(list)) return list;
  return readFields(list) === undefined ? undefined : [list];
}

/** An empty list is sometimes written as an empty object, as an empty text, or as no value. */
function isNothing(value: unknown): boolean {
  if (value === undefined || value === null) return true;
  if (typeof value === 'string') return value.trim() === '';
  const fields = readFields(value);
  return fields !== undefined && Object.keys(fields).length === 0;
}
