import { isBlank, toRows } from '../kit/rows.ts';
import { hasOnly, readFields } from '../kit/values.ts';

/**
 * Returns the records of a response, from the list at `outer.inner`; undefined if the shape is unknown. The
 * documentation always shows a list. In XML, a list with one element looks like the element itself, so a
 * single record is also accepted. Not documented: the shape of a response without records. So an empty value
 * and a missing list are also accepted, but only in a response that has no other field than a request ID.
 * Another field, such as a message, can be the reason why the list is missing. `others` are the other
 * documented fields of the operation.
 */
export function recordsOf(
  response: unknown,
  outer: string,
  inner: string,
  others: readonly string[] = [],
): readonly unknown[] | undefined {
  const fields = readFields(response);
  if (fields === undefined) return undefined;
  const wrapper = fields[outer];
  const wrapped = readFields(wrapper);
  const list = wrapped !== undefined && inner in wrapped ? wrapped[inner] : wrapper;
  if (!isBlank(list)) return toRows(list);
  const isDocumented =
    hasOnly(fields, ['RequestId', 'requestId', outer, ...others]) && Object.keys(fields).length > 0;
  return isDocumented ? [] : undefined;
}
