import { colors, statPanel } from '../panels.ts';
import { badShareOfAll, byStream, countOrZero, degraded, isExpected, isUp, ofStreams } from '../queries.ts';

/** Number of streams that are pushed, expected, missing, degraded or unknown. */
export function fleet() {
  return {
    id: 200,
    title: 'Fleet',
    panels: [
      statPanel({
        id: 201,
        title: 'Pushed streams',
        description: 'Streams with a fresh sample at the provider.',
        unit: 'none',
        expression: `sum(${isUp})`,
      }),
      statPanel({
        id: 202,
        title: 'Expected streams',
        description: 'Streams that the config expects to be live now.',
        unit: 'none',
        noValue: 'no schedule',
        expression: `sum(${isExpected})`,
      }),
      statPanel({
        id: 203,
        title: 'Missing streams',
        description: 'Streams that are expected to be live but have no fresh sample at the provider.',
        unit: 'none',
        steps: [{ at: 1, color: colors.critical }],
        expression: `sum(${isExpected} * (1 - ${isUp}))`,
      }),
      statPanel({
        id: 204,
        title: 'Degraded streams',
        description: 'Streams whose frame rate or bit rate is below its limit.',
        unit: 'none',
        steps: [{ at: 1, color: colors.warning }],
        expression: countOrZero(degraded),
      }),
      statPanel({
        id: 205,
        title: 'Unknown streams',
        description: 'Configured streams without a recent answer of the provider. Their state is unknown.',
        unit: 'none',
        steps: [{ at: 1, color: colors.warning }],
        expression: `count(${byStream(ofStreams('livestream_stream_info'))}) - (count(${isUp}) or vector(0))`,
      }),
      statPanel({
        id: 206,
        title: 'Bad or missing time',
        description:
          'Share of the time range in which streams were bad or missing, over every sample of all streams.',
        unit: 'percentunit',
        steps: [
          { at: 0.001, color: colors.warning },
          { at: 0.01, color: colors.critical },
        ],
        expression: badShareOfAll,
      }),
    ],
  };
}
