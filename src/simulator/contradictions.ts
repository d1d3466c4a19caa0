import { secondMs } from '../model/time.ts';
import type { ScenarioText } from './scenario-schema.ts';
import { numbered } from './streams.ts';
import { durationText } from './units.ts';

interface Contradiction {
  readonly path: readonly (string | number)[];
  readonly text: string;
}

/** What each key says is right, but not together with another key. */
export function findContradictions(text: ScenarioText): Contradiction[] {
  const found: Contradiction[] = [];
  const { loop } = text;
  const names = new Set<string>();
  for (const [index, stream] of text.streams.entries()) {
    const path = ['streams', index];
    for (let n = 1; n <= stream.count; n += 1) {
      const name = numbered(stream.name, n);
      if (names.has(name)) {
        const text = `${name} was used before; the API knows a stream by its name alone`;
        found.push({ path: [...path, 'name'], text });
        break;
      }
      names.add(name);
    }
    checkStretches(stream.story, [...path, 'story'], loop, found);
  }
  checkStretches(text.provider.story, ['provider', 'story'], loop, found);
  checkStretches(text.alibaba.story, ['alibaba', 'story'], loop, found);
  checkDomains(text.domains, loop, found);
  // Rounds are counted one by one when actions are looked for.
  if (loop !== undefined && loop < text.speed * secondMs && text.domains.length > 0) {
    found.push({ path: ['loop'], text: 'too short for domains: at this speed it is over within a second' });
  }
  if (text.streams.length + text.domains.length === 0) {
    found.push({ path: [], text: 'expected streams, domains, or both' });
  }
  return found;
}

function checkDomains(
  domains: ScenarioText['domains'],
  loop: number | undefined,
  found: Contradiction[],
): void {
  const names = new Set<string>();
  for (const [index, { name, app_names, story }] of domains.entries()) {
    if (names.has(name)) {
      found.push({ path: ['domains', index, 'name'], text: `${name} was used before` });
    }
    names.add(name);
    for (const [nth, { at, until, app_name }] of story.entries()) {
      const path = ['domains', index, 'story', nth];
      if (app_name !== undefined && !app_names.includes(app_name)) {
        const text = `${app_name} is not among the domain's app_names: ${app_names.join(', ')}`;
        found.push({ path: [...path, 'app_name'], text });
      }
      if (until !== undefined && until <= at) {
        found.push({ path: [...path, 'until'], text: 'over before it begins' });
      }
      if (loop !== undefined && at >= loop) found.push({ path: [...path, 'at'], text: neverReached(loop) });
    }
  }
}

function checkStretches(
  story: readonly { readonly at: number; readonly for?: number | undefined }[],
  path: readonly (string | number)[],
  loop: number | undefined,
  found: Contradiction[],
): void {
  if (loop === undefined) return;
  for (const [index, event] of story.entries()) {
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
