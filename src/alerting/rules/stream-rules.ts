import { toDurationText } from '../../text/units.ts';
import { labelRecording } from './config-labels.ts';
import { presenceRules } from './presence-rules.ts';
import { dedented, identity, oneLine, perStream } from './promql.ts';
import { publisherRules } from './publisher-rules.ts';
import { qualityRules } from './quality-rules.ts';
import type { RecordingRule, RuleGroup } from './rule.ts';
import { createStreamContext, type StreamContext, type StreamRulesOptions } from './stream-context.ts';
import type { StreamClass } from './timing.ts';

/** Returns the rules about the push of each stream of a class. Their group is evaluated in order. */
export function streamRules(streams: StreamClass, options: StreamRulesOptions): RuleGroup {
  const context = createStreamContext(streams, options);
  const { scrapeMs } = options;
  return {
    name: ['livestream-streams', ...(streams.isFastest ? [] : [toDurationText(streams.stepMs)])].join('-'),
    intervalMs: scrapeMs,
    rules: [
      ...labelRecording(options.labels, context.matchers),
      ...recordings(context),
      ...qualityRules(context),
      ...presenceRules(context),
      ...publisherRules(context),
    ],
  };
}

/** Returns the recording rules of values that several alerts use. */
function recordings({ metric, window, isPast }: StreamContext): readonly RecordingRule[] {
  return [
    { record: 'stream:livestream_push_up:max', expr: oneLine(perStream(metric('up'))) },
    {
      record: 'stream:livestream_push_condition:ratio',
      comment:
        'Part of the pushed time in which a condition held, over all samples: no scrape interval is too long to see them. ' +
        'Samples that were counted late, such as those of an outage, are left out: they say nothing about now.',
      expr: dedented(`
        max by (${identity}, condition) (
            increase(${metric('degraded_seconds_total')}[${window}])
          / ignoring (condition) group_left ()
            (increase(${metric('observed_seconds_total')}[${window}]) > 0)
          unless ignoring (condition)
            ${isPast(window)}
        )`),
    },
    {
      record: 'stream:livestream_push_frozen_seconds:increase',
      expr: dedented(`
        max by (${identity}) (
            increase(${metric('degraded_seconds_total', 'condition=~"no_video|video_stall"')}[${window}])
          unless ignoring (condition)
            ${isPast(window)}
        )`),
    },
    {
      record: 'stream:livestream_push_fps:mean',
      comment: 'Exact mean frame rate. If several publishers push the stream, it is the mean of all of them.',
      expr: dedented(`
        max by (${identity}) (
            increase(${metric('frames_total')}[${window}])
          / ignoring (value)
            (increase(${metric('measured_seconds_total', 'value="fps"')}[${window}]) > 0)
          unless ignoring (value)
            ${isPast(window)}
        )`),
    },
  ];
}
