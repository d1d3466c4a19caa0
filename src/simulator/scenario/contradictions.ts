import { secondMs } from '../../model/time.ts';
import { numbered } from '../world/streams.ts';
import type { ReadableParts } from './readable.ts';
import type { ScenarioText } from './scenario-schema.ts';
import { durationText } from './units.ts';

interface Contradiction {
  readonly path: readonly (string | number)[];
  readonly text: string;
}

type Draft = ReadableParts<ScenarioText>;

/** What is right by itself, but not together with another key. */
export function findContradictions({
  loop,
  speed,
  streams = [],
  domains = [],
  ...text
}: Draft): Contradiction[] {
  const found: Contradiction[] = [];
  const names = new Set<string>();
  for (const [index, stream] of streams.entries()) {
    const path = ['streams', index];
    const { name: pattern = '', count = 1 } = stream;
    // Without {n} they have one name by a mistake that is told already.
    const last = pattern === '' ? 0 : pattern.includes('{n}') ? count : 1;
    for (let n = 1; n <= last; n += 1) {
      const name = numbered(pattern, n);
      if (names.has(name)) {
        const text = `${name} was used before; the API knows a stream by its name alone`;
        found.push({ path: [...path, 'name'], text });
        break;
      }
      names.add(name);
    }
    checkStretches(stream.story ?? [], [...path, 'story'], loop, found);
  }
  checkStretches(text.provider?.story ?? [], ['provider', 'story'], loop, found);
  checkStretches(text.alibaba?.story ?? [], ['alibaba', 'story'], loop, found);
  checkDomains(domains, loop, found);
  // Rounds are counted one by one when actions are looked for.
  if (loop !== undefined && speed !== undefined && loop < speed * secondMs && domains.length > 0) {
    found.push({ path: ['loop'], text: 'too short for domains: at this speed it is over within a second' });
  }
  return found;
}

function checkDomains(
  domains: NonNullable<Draft['domains']>,
  loop: number | undefined,
  found: Contradiction[],
): void {
  const names = new Set<string>();
  for (const [index, { name, app_names, story = [] }] of domains.entries()) {
    if (name !== undefined && names.has(name)) {
      found.push({ path: ['domains', index, 'name'], text: `${name} was used before` });
    }
    if (name !== undefined) names.add(name);
    for (const [nth, { at, until, app_name }] of story.entries()) {
      const path = ['domains', index, 'story', nth];
      if (app_name !== undefined && app_names !== undefined && !app_names.includes(app_name)) {
        const text = `${app_name} is not among the domain's app_names: ${app_names.join(', ')}`;
        found.push({ path: [...path, 'app_name'], text });
      }
      if (at === undefined) continue;
      if (until !== undefined && until <= at) {
        found.push({ path: [...path, 'until'], text: 'over before it begins' });
      }
      if (loop !== undefined && at >= loop) found.push({ path: [...path, 'at'], text: neverReached(loop) });
    }
  }
}

function checkStretches(
  story: readonly { readonly at?: number | undefined; readonly for?: number | undefined }[],
  path: readonly (string | number)[],
  loop: number | undefined,
  found: Contradiction[],
): void {
  if (loop === undefined) return;
  for (const [index, event] of story.entries()) {
    if (event.at === undefined) continue;
    if (event.at >= loop) {
      found.push({ path: [...path, index, 'at'], text: neverReached(loop) });
    } else if (event.at + (event.for ?? 0) > loop) {
      found.push({
        path: [...path, index, 'for'],
        text: `too long: the story repeats after ${durationText(loop)}`,
      });
    }
  }
}

function neverReached(loop: number): string {
  return `never reached: the story repeats after ${durationText(loop)}`;
}
