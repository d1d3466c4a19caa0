import { secondMs } from '../../model/time.ts';
import type { Path, UnlocatedDiagnostic } from '../../text/diagnostics.ts';
import type { PartiallyParsed } from '../../text/partial-parse.ts';
import { toDurationText } from '../../text/units.ts';
import { numbered } from '../world/streams.ts';
import type { ScenarioText } from './scenario-schema.ts';

type PartialScenario = PartiallyParsed<ScenarioText>;

/**
 * Returns diagnostics for contradictions between keys of a scenario. Keys that cannot be parsed are undefined
 * and are not checked.
 */
export function findContradictions({
  loop,
  speed,
  provider,
  alibaba,
  streams = [],
  domains = [],
}: PartialScenario): readonly UnlocatedDiagnostic[] {
  return [
    ...duplicateStreams(streams),
    ...streams.flatMap(({ story }, index) => checkEvents(story, ['streams', index, 'story'], loop)),
    ...checkEvents(provider?.story, ['provider', 'story'], loop),
    ...checkEvents(alibaba?.story, ['alibaba', 'story'], loop),
    ...checkDomains(domains, loop),
    // Reject a very short loop: for each request, the simulator goes through all repetitions of the story in
    // the requested window, so requests would be slow.
    ...(loop !== undefined && speed !== undefined && loop < speed * secondMs && domains.length > 0
      ? [{ path: ['loop'], text: 'too short for domains: at this speed a loop takes less than a second' }]
      : []),
  ];
}

function duplicateStreams(streams: NonNullable<PartialScenario['streams']>): readonly UnlocatedDiagnostic[] {
  const names = new Set<string>();
  return streams.flatMap(({ name: pattern, count = 1 }, index) => {
    if (pattern === undefined) return [];
    // If `count` is greater than 1 but the name has no {n}, the schema already reports that. Treat `count` as
    // 1 here, so that the repeated name is not reported again.
    const last = pattern.includes('{n}') ? count : 1;
    for (let n = 1; n <= last; n++) {
      const name = numbered(pattern, n);
      if (names.has(name)) {
        const text = `duplicate stream ${name}; the API identifies a stream by its name only`;
        return [{ path: ['streams', index, 'name'], text }];
      }
      names.add(name);
    }
    return [];
  });
}

function checkDomains(
  domains: NonNullable<PartialScenario['domains']>,
  loop: number | undefined,
): readonly UnlocatedDiagnostic[] {
  const names = new Set<string>();
  return domains.flatMap(({ name, app_names, story = [] }, index) => {
    const found: UnlocatedDiagnostic[] = [];
    const report = (path: Path, text: string) => found.push({ path: ['domains', index, ...path], text });
    if (name !== undefined && names.has(name)) report(['name'], `duplicate domain ${name}`);
    if (name !== undefined) names.add(name);
    for (const [nth, { at, until, app_name }] of story.entries()) {
      if (app_name !== undefined && app_names !== undefined && !app_names.includes(app_name)) {
        report(['story', nth, 'app_name'], `expected one of app_names: ${app_names.join(', ')}`);
      }
      if (at === undefined) continue;
      if (until !== undefined && until <= at) report(['story', nth, 'until'], 'must be later than "at"');
      if (loop !== undefined && at >= loop) report(['story', nth, 'at'], neverReached(loop));
    }
    return found;
  });
}

function checkEvents(
  story: readonly { readonly at?: number | undefined; readonly for?: number | undefined }[] = [],
  path: Path,
  loop: number | undefined,
): readonly UnlocatedDiagnostic[] {
  if (loop === undefined) return [];
  return story.flatMap(({ at, for: duration = 0 }, index) => {
    if (at === undefined || at + duration < loop) return [];
    if (at >= loop) return [{ path: [...path, index, 'at'], text: neverReached(loop) }];
    const text = `too long: the story repeats after ${toDurationText(loop)}`;
    return at + duration > loop ? [{ path: [...path, index, 'for'], text }] : [];
  });
}

function neverReached(loop: number): string {
  return `never reached: the story repeats after ${toDurationText(loop)}`;
}
