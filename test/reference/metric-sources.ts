/** APIs whose answers can feed a metric. */
export const apis = ['statcgi', 'api3', 'alibaba'] as const;
export type Api = (typeof apis)[number];

/** Where the values of a metric come from. */
export interface MetricSource {
  /** Collectors whose answers determine the value; empty if the config or the exporter itself does. */
  readonly collectors: readonly string[];
  readonly apis: readonly Api[];
}

const lists = ['push_stats', 'live_push_stats'];
const history = ['push_stats'];
const control = ['control_history'];
const bans = ['control_history', 'forbidden_streams', 'stream_state'];

/** Sources of the metrics of streams and domains, by name. `test/reference/sources.test.ts` checks the APIs. */
const sources: Readonly<Record<string, MetricSource>> = {
  livestream_push_up: { collectors: lists, apis },
  livestream_push_fps: { collectors: lists, apis },
  livestream_push_bitrate_bps: { collectors: lists, apis },
  livestream_push_info: { collectors: lists, apis },
  livestream_push_video_bitrate_bps: { collectors: lists, apis: ['api3', 'alibaba'] },
  livestream_push_audio_bitrate_bps: { collectors: lists, apis: ['api3', 'alibaba'] },
  livestream_push_audio_fps: { collectors: lists, apis: ['api3', 'alibaba'] },
  livestream_push_declared_fps: { collectors: lists, apis: ['api3'] },
  livestream_push_keyframe_interval_seconds: { collectors: history, apis: ['api3'] },
  livestream_push_start_timestamp_seconds: { collectors: lists, apis: ['api3'] },
  livestream_push_last_end_timestamp_seconds: { collectors: control, apis: ['api3'] },
  livestream_push_sample_timestamp_seconds: { collectors: lists, apis },
  livestream_push_media_seconds_total: { collectors: history, apis: ['api3'] },
  livestream_control_forbidden: { collectors: bans, apis: ['api3', 'alibaba'] },
  livestream_control_actions_total: { collectors: bans.slice(0, 2), apis: ['api3', 'alibaba'] },
  livestream_control_last_action_timestamp_seconds: {
    collectors: bans.slice(0, 2),
    apis: ['api3', 'alibaba'],
  },
  livestream_control_domain_actions_total: { collectors: bans.slice(0, 2), apis: ['api3', 'alibaba'] },
  livestream_control_gap_seconds_total: { collectors: control, apis: ['api3', 'alibaba'] },
  livestream_control_watermark_timestamp_seconds: { collectors: control, apis: ['api3', 'alibaba'] },
};

/** Metrics whose values come from the config. */
const configured = /^livestream_(stream_info|push_expected(_\w+)?|push_min_\w+)$/;

/** Returns the source of a metric of streams or domains; undefined if the value comes from the config. */
export function sourceOf(metric: string): MetricSource | undefined {
  if (configured.test(metric)) return undefined;
  const source = sources[metric];
  if (source !== undefined) return source;
  if (!metric.startsWith('livestream_push_')) throw new Error(`no source of ${metric}`);
  // All other push metrics are counted from the history, which every API has.
  return { collectors: history, apis };
}
