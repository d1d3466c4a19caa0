import { toRows } from '../kit/rows.ts';
import { readFields } from '../kit/values.ts';

/**
 * Returns the records of a response, from the list `inner` within the object `outer`; undefined for an unknown shape. The
 * documentation always shows a list. Not documented: a response without records; and XML cannot distinguish a list with
 * one element from that element. So all variants are accepted.
 */
export function recordsOf(response: unknown, outer: string, inner: string): readonly unknown[] | undefined {
  const fields = readFields(response);
  if (fields === undefined) return undefined;
  // Every response of Alibaba Cloud has a request ID, so without one, a missing list does not mean "no records".
  if (!(outer in fields)) return 'RequestId' in fields || 'requestId' in fields ? [] : undefined;

  const wrapper = fields[outer];
  const wrapped = readFields(wrapper);
  return toRows(wrapped !== undefined && inner in wrapped ? wrapped[inner] : wrapper);
}
