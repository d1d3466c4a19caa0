import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { HttpResponse } from '../../../src/calls/call.ts';
import { parseXml } from '../../../src/providers/alibaba/xml-parser.ts';
import type { Draws } from '../../chaos/draws.ts';
import { mutateText } from '../mutate-text.ts';
import { mutateTree } from '../mutate-tree.ts';
import { oddText } from '../odd-values.ts';
import { root } from './yaml-seeds.ts';

/** Recorded responses of one operation, as texts and as trees. */
export interface Bodies {
  readonly texts: readonly string[];
  readonly trees: readonly unknown[];
}

/** Bodies of operations without a recorded response, in the documented shape. */
const documented: Readonly<Record<string, readonly unknown[]>> = {
  DescribeLiveStreamState: [
    { Response: { StreamState: 'active', RequestId: 'r' } },
    { Response: { StreamState: 'forbid', RequestId: 'r' } },
    { Response: { Error: { Code: 'ResourceNotFound.NoStream', Message: 'text' }, RequestId: 'r' } },
  ],
};

/** Failed responses of API 3.0. */
const api3Failures = ['AuthFailure.SignatureExpire', 'RequestLimitExceeded', 'InternalError', 'Unknown'].map(
  (Code) => ({
    Response: { Error: { Code, Message: 'the text of the failure' }, RequestId: 'r' },
  }),
);

const known = new Map<string, Bodies>();

/** Returns the recorded responses of an operation, and the failures of its API. */
export function bodiesOf(provider: 'tencent' | 'alibaba', operation: string): Bodies {
  const bodies = known.get(operation) ?? readBodies(provider, operation);
  known.set(operation, bodies);
  return bodies;
}

function readBodies(provider: 'tencent' | 'alibaba', operation: string): Bodies {
  const directory = join(root, 'test/fixtures', provider);
  const startingWith = (start: string) =>
    readdirSync(directory)
      .filter((name) => name.startsWith(start))
      .toSorted();
  const read = (start: string) =>
    startingWith(start).map((name) => readFileSync(join(directory, name), 'utf8'));
  const texts = read(`${operation}.`);
  const failed = provider === 'alibaba' ? read('error.') : [];
  const successes = [...texts.flatMap(treeOf), ...(documented[operation] ?? [])];
  const failures = [...failed.flatMap(treeOf), ...(operation.startsWith('Describe') ? api3Failures : [])];
  const trees = successes.flatMap((tree) =>
    Array<unknown>(Math.ceil((4 * failures.length) / successes.length) || 1).fill(tree),
  );
  return {
    texts: [...texts, ...failed, ...successes.map((tree) => JSON.stringify(tree))],
    trees: [...trees, ...failures],
  };
}

function treeOf(text: string): readonly unknown[] {
  try {
    return [JSON.parse(text)];
  } catch {
    const xml = parseXml(text.trim());
    return xml === undefined ? [] : Object.values(xml);
  }
}

/** Returns a response with a mutated body, or a recorded one with another status or other headers. */
export function mutatedResponse(
  { texts, trees }: Bodies,
  draws: Draws,
  xmlRoot: string | undefined,
): HttpResponse {
  const kind = draws.below(10);
  const isXml = xmlRoot !== undefined && draws.below(2) === 0;
  const toText = (tree: unknown) => (isXml ? toXml(xmlRoot, tree, 0) : (JSON.stringify(tree) ?? ''));
  let text: string;
  if (kind < 6) text = toText(mutateTree(draws.pick(trees), draws, trees));
  else if (kind < 8) text = mutateText(draws.pick(texts), draws, texts);
  else text = draws.below(2) === 0 ? draws.pick(texts) : mutateText(toText(draws.pick(trees)), draws);
  return { status: statusOf(draws), headers: headersOf(draws), text };
}

function statusOf(draws: Draws): number {
  return draws.below(3) > 0
    ? 200
    : draws.pick([200, 204, 301, 400, 401, 403, 404, 407, 413, 429, 500, 502, 503, 504, 599]);
}

function headersOf(draws: Draws): Readonly<Record<string, string>> {
  const headers: Record<string, string> = { 'content-type': 'application/json' };
  if (draws.below(4) > 0) return headers;
  const name = draws.pick([
    'date',
    'retry-after',
    'x-ratelimit-user-api',
    'content-type',
    'x-acs-request-id',
    'age',
    'server',
  ]);
  return {
    ...headers,
    [name]: draws.pick([
      oddText(draws),
      '5',
      '-1',
      '1e9',
      'Sun, 01 Mar 2026 12:00:00 GMT',
      'Thu, 01 Jan 1970 00:00:00 GMT',
    ]),
  };
}

/** Writes a tree as XML, like Alibaba: each item of a list is an element with the name of the list. */
function toXml(name: string, value: unknown, depth: number): string {
  if (depth > 150) return '';
  if (Array.isArray(value)) return value.map((item) => toXml(name, item, depth + 1)).join('');
  const content =
    typeof value === 'object' && value !== null
      ? Object.entries(value)
          .map(([key, item]) => toXml(key, item, depth + 1))
          .join('')
      : String(value ?? '')
          .replaceAll('&', '&amp;')
          .replaceAll('<', '&lt;');
  return `<${name}>${content}</${name}>`;
}
