import type { InSlices } from '../model/slices.ts';

/**
 * Returns the JSON text of an object. Converts the items of its lists in slices of the event loop, because the
 * lists can be long. The other values must be short.
 */
export async function toJson(view: object, inSlices: InSlices): Promise<string> {
  const members: string[] = [];
  for (const [name, value] of Object.entries(view)) {
    if (value === undefined) continue;
    const text = Array.isArray(value) ? await listToJson(value, inSlices) : JSON.stringify(value);
    members.push(`${JSON.stringify(name)}:${text}`);
  }
  return `{${members.join(',')}}`;
}

async function listToJson(list: readonly unknown[], inSlices: InSlices): Promise<string> {
  const items: string[] = [];
  await inSlices(list, (item) => items.push(JSON.stringify(item)));
  return `[${items.join(',')}]`;
}
