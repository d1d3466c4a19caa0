import type { ListedApp } from '../../../model/questions.ts';
import { readFields, readWholeText } from '../../kit/values.ts';

/** Reports whether a row belongs to the requested application. A missing field matches. */
export function isOf(
  { domain, appName }: ListedApp,
  row: unknown,
  domainField: 'DomainName' | 'PushDomain' = 'DomainName',
): boolean {
  const fields = readFields(row);
  const rowDomain = readWholeText(fields?.[domainField]) ?? domain;
  return (
    rowDomain.toLowerCase() === domain.toLowerCase() &&
    (readWholeText(fields?.AppName) ?? appName) === appName
  );
}
