import { colors, statPanel } from '../panels.ts';
import { byStream, countKnown, degraded, isDue, isUp, ofStreams, troubleOfAll } from '../queries.ts';

/** How many streams are pushed, should be, and are in trouble. */
export function whatIsHappening() {
  return {
    id: 200,
    title: 'What is happening?',
    panels: [
      statPanel({
        id: 201,
        title: 'Streams pushed',
        description: 'Streams of which the provider has a fresh sample.',
        unit: 'none',
        expression: `sum(${isUp})`,
      }),
      statPanel({
        id: 202,
        title: 'Streams due',
        description: 'Streams that should be pushed now, by the config of the exporter.',
        unit: 'none',
        noValue: 'none said',
        expression: `sum(${isDue})`,
      }),
      statPanel({
        id: 203,
        title: 'Missing',
        description: 'Streams that are due, of which the provider has no fresh sample.',
        unit: 'none',
        steps: [{ at: 1, color: colors.critical }],
        expression: `sum(${isDue} * (1 - ${isUp}))`,
      }),
      statPanel({
        id: 204,
        title: 'Degraded',
        description: 'Streams that are pushed with too few frames or too few bits.',
        unit: 'none',
        steps: [{ at: 1, color: colors.warning }],
        expression: countKnown(degraded),
      }),
      statPanel({
        id: 205,
        title: 'Not known',
        description: 'Watched streams of which the provider does not answer. They may be well or not.',
        unit: 'none',
        steps: [{ at: 1, color: colors.warning }],
        expression: `count(${byStream(ofStreams('livestream_stream_info'))}) - (count(${isUp}) or vector(0))`,
      }),
      statPanel({
        id: 206,
        title: 'Time in trouble',
        description:
          'The part of the time shown in which streams were bad or missing, over every sample of all of them.',
        unit: 'percentunit',
        steps: [
          { at: 0.001, color: colors.warning },
          { at: 0.01, color: colors.critical },
        ],
        expression: troubleOfAll,
      }),
    ],
  };
}
