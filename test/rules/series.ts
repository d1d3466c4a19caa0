/** Identity labels of the streams in the cases. */
const ids = 'account="a", provider="tencent", domain="push.example.com", app_name="live"';
/** Labels of an alert about the default stream of `streamSeries`, as in `RuleCase.firing`. */
export const news = 'account=a stream=news team=blue';
/** Labels of the exporter, and one of the scrape config. */
const target = (instance = 'i') =>
  `job="livestream-exporter", instance="${instance}", node="${instance}-node"`;

export interface StreamSeries {
  readonly stream?: string;
  readonly instance?: string | undefined;
  /** Number of values after the first one. */
  readonly steps: number;
  /** Seconds between two values. */
  readonly step?: number;
  /** Series that differ from those of a healthy stream, by name (without prefix) or name and label. */
  readonly differ?: Readonly<Record<string, string>>;
}

/** Returns the series of a stream that is expected live, and is pushed with 25 frames per second. */
export function streamSeries({
  stream = 'news',
  instance,
  steps,
  step = 5,
  differ = {},
}: StreamSeries): Readonly<Record<string, string>> {
  const grows = (perSecond: number) => `0+${perSecond * step}x${steps}`;
  const stays = (value: number) => `${value}x${steps}`;
  const healthy: Readonly<Record<string, string>> = {
    up: stays(1),
    expected: stays(1),
    expected_fps: stays(25),
    min_fps: stays(20),
    observed_seconds_total: grows(1),
    'measured_seconds_total value="fps"': grows(1),
    frames_total: grows(25),
    'media_seconds_total media="video"': differ.observed_seconds_total ?? grows(1),
    'degraded_seconds_total condition="low_fps"': stays(0),
    'degraded_seconds_total condition="no_video"': stays(0),
    'degraded_seconds_total condition="low_bitrate"': stays(0),
    bad_seconds_total: stays(0),
    missing_seconds_total: stays(0),
    backfilled_seconds_total: stays(0),
    client_changes_total: stays(0),
    gap_seconds_total: stays(0),
    keyframe_interval_seconds: stays(2),
  };
  const labels = `${target(instance)}, ${ids}, stream="${stream}"`;
  return Object.fromEntries([
    ...Object.entries({ ...healthy, ...differ }).flatMap(([key, values]) => {
      const [name, extra] = key.split(' ');
      return values === ''
        ? []
        : [[`livestream_push_${name}{${labels}${extra ? `, ${extra}` : ''}}`, values]];
    }),
    [`livestream_stream_info{${labels}, team="blue"}`, stays(1)],
    ...Object.entries(exporterSeries({ instance, steps })),
  ]);
}

/** Returns the series of an exporter that works. */
export function exporterSeries({
  instance,
  steps,
  differ = {},
}: Pick<StreamSeries, 'instance' | 'steps' | 'differ'>): Readonly<Record<string, string>> {
  const account = `${target(instance)}, account="a", provider="tencent"`;
  const collector = `${account}, collector="push_stats"`;
  const healthy: Readonly<Record<string, string>> = {
    [`up{${target(instance)}}`]: `1x${steps}`,
    [`livestream_collector_targets{${collector}}`]: `1x${steps}`,
    [`livestream_collector_targets_failing{${collector}}`]: `0x${steps}`,
    [`livestream_collector_lag_seconds{${collector}}`]: `0x${steps}`,
    [`livestream_collector_interval_seconds{${collector}}`]: `5x${steps}`,
  };
  const changed = Object.entries(differ).map(([name, values]): [string, string] => {
    const key = Object.keys(healthy).find((each) => each.startsWith(`${name}{`));
    if (key === undefined) throw new Error(`no series ${name}`);
    return [key, values];
  });
  return Object.fromEntries(
    Object.entries({ ...healthy, ...Object.fromEntries(changed) }).filter(([, values]) => values !== ''),
  );
}

/** Returns a series of the exporter, such as a counter of requests. */
export function series(
  name: string,
  labels: string,
  values: string,
  instance?: string,
): Readonly<Record<string, string>> {
  return { [`${name}{${target(instance)}${labels === '' ? '' : `, ${labels}`}}`]: values };
}

/** Returns values from a function of their index, for patterns that the notation of promtool cannot express. */
export function values(steps: number, valueAt: (index: number) => number): string {
  return Array.from({ length: steps + 1 }, (_, i) => valueAt(i)).join(' ');
}
