import type { UnlocatedDiagnostic } from '../text/diagnostics.ts';
import type { PartiallyParsed } from '../text/partial-parse.ts';
import { isGiven } from '../text/plain-value.ts';
import type { ConfigInput } from './schema/config.ts';

/** Keys of `expect` that have no effect on a stream without video. */
const videoKeys = ['fps', 'fps_ratio'] as const;

/**
 * Returns a diagnostic for each expectation of the video of a stream that has none. A stream that inherits
 * the frame rate is no contradiction: `video: false` is how it gets rid of it. `raw` and `config` are as for
 * `crossCheck`.
 */
export function checkExpectations(
  raw: unknown,
  { defaults, streams = [], domains = [] }: PartiallyParsed<ConfigInput>,
): readonly UnlocatedDiagnostic[] {
  const inherited = defaults?.expect?.video;
  const sections = [
    { path: ['defaults', 'expect'], video: inherited },
    ...streams.map(({ expect }, i) => ({ path: ['streams', i, 'expect'], video: expect?.video })),
    ...domains.map(({ expect }, i) => ({ path: ['domains', i, 'expect'], video: expect?.video })),
  ];
  return sections.flatMap(({ path, video }) => {
    if ((video ?? inherited) !== false) return [];
    const text =
      video === false
        ? 'this key has no effect with video: false; remove one of the two'
        : 'this key has no effect, because defaults.expect sets video: false; set video: true here or remove the key';
    return videoKeys
      .filter((key) => isGiven(raw, [...path, key]))
      .map((key) => ({ path: [...path, key], atKey: true, text }));
  });
}
