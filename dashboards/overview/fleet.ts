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
        description: 'Number of streams for which the provider has a fresh sample.',
        unit: 'none',
        expression: `sum(${isUp})`,
      }),
      statPanel({
        id: 202,
        title: 'Expected streams',
        description: 'Number of streams that the config expects to be live now.',
        unit: 'none',
        noValue: 'no schedule',
        expression: `sum(${isExpected})`,
      }),
      statPanel({
        id: 203,
        title: 'Missing streams',
        description:
          'Number of streams that the config expects to be live, but for which the provider has no fresh sample. Check their encoders.',
        unit: 'none',
        steps: [{ at: 1, color: colors.critical }],
        expression: `sum(${isExpected} * (1 - ${isUp}))`,
      }),
      statPanel({
        id: 204,
        title: 'Degraded streams',
        description: 'Number of streams whose frame rate or bit rate is below the configured minimum.',
        unit: 'none',
        steps: [{ at: 1, color: colors.warning }],
        expression: countOrZero(degraded),
      }),
      statPanel({
        id: 205,
        title: 'Unknown streams',
        description:
          'Number of configured streams whose state is unknown, because the provider has not responded recently.',
        unit: 'none',
        steps: [{ at: 1, color: colors.warning }],
        expression: `count(${byStream(ofStreams('livestream_stream_info'))}) - (count(${isUp}) or vector(0))`,
      }),
      statPanel({
        id: 206,
        title: 'Bad or missing time',
        description:
          'Share of the time in which streams were degraded, or were missing although expected live. The share covers all streams and the time range of the dashboard.',
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
