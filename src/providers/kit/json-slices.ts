import type { InSlices } from '../../model/slices.ts';
import { readJson } from './json.ts';
import { readFields } from './values.ts';

/** Number of characters in a part of a list: parsing it takes about 50 us. */
const partLength = 8 * 1024;

/** Number of characters at the start of a response in which its list must begin. */
const maxHeadLength = 4 * 1024;

/** First element of a list whose other elements are parsed elsewhere. No response contains it. */
const mark = '\u0001 elements';

/** Some elements of a list, from the first character to the one after the last. */
interface Part {
  readonly from: number;
  readonly to: number;
}

/** List of objects in a JSON text, cut into parts of whole elements. */
interface CutList {
  readonly start: number;
  /** Parts without the last one, which ends with the text. */
  readonly parts: readonly Part[];
  readonly lastFrom: number;
}

/**
 * Parses a JSON response like `readJson`, but a long list in slices of the event loop. JSON.parse cannot be
 * interrupted, so the list is cut between two elements, and each part is parsed by itself. This works for the first
 * list of objects if it begins near the start of the text. Other texts are parsed at once.
 */
export async function readJsonInSlices(text: string, context: string, inSlices: InSlices): Promise<unknown> {
  const list = cutList(text);
  const parsed = list && (await parseParts(text, list, inSlices));
  return parsed === undefined ? readJson(text, context) : parsed.value;
}

/**
 * Finds the first list of objects, and where to cut it. Each pattern ends with the first name of an object. In a JSON
 * text, no string contains a match: the quotation mark before the name follows no backslash, so it does not belong to
 * the text of a string, and it does not end a string either, because a letter follows. The elements of an inner list
 * have other names.
 */
function cutList(text: string): CutList | undefined {
  const opening = /\[\s*\{\s*"([A-Za-z]\w*)"/.exec(text.slice(0, maxHeadLength));
  if (opening === null) return undefined;
  const start = opening.index + 1;
  const border = new RegExp(String.raw`\}\s*,\s*(?=\{\s*"${opening[1]}")`, 'g');
  const parts: Part[] = [];
  for (let from = start; ; from = border.lastIndex) {
    border.lastIndex = from + partLength;
    const found = border.exec(text);
    if (found === null) return { start, parts, lastFrom: from };
    parts.push({ from, to: found.index + 1 });
  }
}

/**
 * Parses the parts of a list one after the other, and then the text around them. Returns undefined if one of them is
 * no JSON. If all of them are, the whole text is JSON too, with the same value.
 */
async function parseParts(
  text: string,
  { start, parts, lastFrom }: CutList,
  inSlices: InSlices,
): Promise<{ readonly value: unknown } | undefined> {
  const elements: unknown[] = [];
  const addPart = ({ from, to }: Part) => {
    const part: readonly unknown[] = JSON.parse(`[${text.slice(from, to)}]`);
    for (const element of part) elements.push(element);
  };
  try {
    await inSlices(parts, addPart);
    const value: unknown = JSON.parse(
      `${text.slice(0, start)}${JSON.stringify(mark)},${text.slice(lastFrom)}`,
    );
    const list = listWithMark(value);
    if (list === undefined) return undefined;
    const last = list.slice(1);
    list.length = 0;
    for (const element of elements) list.push(element);
    for (const element of last) list.push(element);
    return { value };
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** Finds the list that begins with the mark; undefined if there is none, or if it is in another list. */
function listWithMark(value: unknown): unknown[] | undefined {
  if (Array.isArray(value)) return value[0] === mark ? value : undefined;
  for (const inner of Object.values(readFields(value) ?? {})) {
    const list = listWithMark(inner);
    if (list !== undefined) return list;
  }
  return undefined;
}
