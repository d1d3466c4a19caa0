import { toRows } from '../kit/rows.ts';
import { readFields } from '../kit/values.ts';

/**
 * Returns the records of a response, from the list at `outer.inner`; undefined if the shape is unknown. The
 * documentation always shows a list. Not documented: the shape of a response without records. In XML, a list
 * with one element looks like the element itself. So a single record, an empty value and a missing list are
 * also accepted.
 */
export function recordsOf(response: unknown, outer: string, inner: string): readonly unknown[] | undefined {
  const fields = readFields(response);
  if (fields === undefined) return undefined;
  // A missing list means that there are no records, but only in a response with a request ID, which every
  // response of Alibaba Cloud has.
  if (!(outer in fields)) return 'RequestId' in fields || 'requestId' in fields ? [] : undefined;

  const wrapper = fields[outer];
  const wrapped = readFields(wrapper);
  return toRows(wrapped !== undefined && inner in wrapped ? wrapped[inner] : wrapper);
}
