import type { ListedApp } from '../../../model/questions.ts';
import { readFields, readWholeText } from '../../kit/values.ts';

/** Reports whether a field is `wanted`, or missing. In nearly all rows, it is the same text. */
function isSame(field: unknown, wanted: string, normalize = (text: string) => text): boolean {
  return field === wanted || normalize(readWholeText(field) ?? wanted) === normalize(wanted);
}

/** Reports whether a row belongs to the requested application. A missing field matches. */
export function isOf(
  { domain, appName }: ListedApp,
  row: unknown,
  domainField: 'DomainName' | 'PushDomain' = 'DomainName',
): boolean {
  const fields = readFields(row);
  return (
    isSame(fields?.[domainField], domain, (text) => text.toLowerCase()) && isSame(fields?.AppName, appName)
  );
}
