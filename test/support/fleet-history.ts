import { type EncodedSeries, encodeSeries, staleMarker } from './remote-write.ts';

/**
 * A fleet whose history is written into a Prometheus at once: what a daemon would have exposed. Times are in
 * ms; those of incidents are relative to the end, so they are negative.
 */
export interface Fleet {
  readonly streams: number;
  /** Streams are dealt to the accounts in turn. */
  readonly accounts?: number;
  readonly endMs: number;
  readonly lengthMs: number;
  /** Scrape interval. */
  readonly stepMs: number;
  readonly incidents?: readonly Incident[];
  /** Prometheus cannot scrape the exporter from this time on. */
  readonly downFromMs?: number;
  /** Whether the rules of this repository are loaded, so that there are ALERTS. */
  readonly hasRules?: boolean;
}

export interface Incident {
  readonly is: (stream: number) => boolean;
  readonly fromMs: number;
  readonly toMs: number;
  /**
   * blind: requests of the account of these streams fail. flapping: only the alert, the samples stay as they are.
   * break: no samples for so short a time that there is no alert.
   */
  readonly kind:
    | 'low_fps'
    | 'no_video'
    | 'low_bitrate'
    | 'video_stall'
    | 'flapping'
    | 'missing'
    | 'break'
    | 'blind'
    | 'forbidden';
}

/** Incidents that are bad samples. */
export const conditions = ['low_fps', 'no_video', 'low_bitrate', 'video_stall'] as const;

/** Incidents in which a stream is not pushed. */
export const silentKinds = ['missing', 'forbidden', 'break'] as const;

export type Value = number | typeof staleMarker | undefined;
export type Labels = Readonly<Record<string, string>>;

/** Labels that Prometheus adds. */
export const exporter = { job: 'livestream-exporter', instance: '127.0.0.1:10935' };

/** Identity labels of a stream. */
export function streamLabels(stream: number, accounts = 2): Labels {
  const number = String(stream + 1).padStart(4, '0');
  return {
    account: `account-${(stream % accounts) + 1}`,
    provider: 'tencent',
    domain: `push-${(stream % 5) + 1}.example.com`,
    app_name: 'live',
    stream: `room-${number}`,
  };
}

/** Encodes the samples of some times. The calls are in the order of time. */
export type Writer = (times: readonly number[]) => readonly EncodedSeries[];

/** Collects the values of series by time, and ends a series where a scrape no longer contains it. */
export function recorder(fleet: Fleet) {
  const last = new Map<string, boolean>();
  return (times: readonly number[], scrape: (time: number) => readonly (readonly [Labels, number])[]) => {
    const rows = new Map<string, { labels: Labels; values: Value[] }>();
    for (const [i, time] of times.entries()) {
      const lines = isDown(fleet, time) ? [] : scrape(time);
      for (const [labels, value] of lines) {
        const key = JSON.stringify(labels);
        const row = rows.get(key) ?? { labels, values: new Array<Value>(times.length).fill(undefined) };
        rows.set(key, row);
        row.values[i] = value;
      }
    }
    return [...rows].map(([key, { labels, values }]) => {
      let present = last.get(key) ?? false;
      for (const [i, value] of values.entries()) {
        if (value === undefined && present) values[i] = staleMarker;
        present = value !== undefined;
      }
      last.set(key, present);
      return encodeSeries({ ...labels, ...exporter }, times, values);
    });
  };
}

export function isDown({ downFromMs, endMs }: Fleet, time: number): boolean {
  return downFromMs !== undefined && time >= endMs + downFromMs;
}

export function kindsAt({ incidents = [], endMs }: Fleet, stream: number, time: number): ReadonlySet<string> {
  const at = time - endMs;
  return new Set(
    incidents
      .filter(({ is, fromMs, toMs }) => at >= fromMs && at < toMs && is(stream))
      .map(({ kind }) => kind),
  );
}

/** Series of an alert whose condition holds from one time to another, relative to the end, and fires after 30 s. */
export function alertSeries(
  fleet: Fleet,
  times: readonly number[],
  labels: Labels,
  fromMs: number,
  toMs: number,
): EncodedSeries[] {
  const since = fleet.endMs + fromMs;
  const fires = (time: number) => time >= since + 30_000 && time < fleet.endMs + toMs && !isDown(fleet, time);
  const values = (value: number) =>
    times.map((time): Value => {
      if (fires(time)) return value;
      return fires(time - fleet.stepMs) ? staleMarker : undefined;
    });
  if (values(1).every((value) => value === undefined)) return [];
  const all = { severity: 'warning', ...labels };
  return [
    encodeSeries({ __name__: 'ALERTS', alertstate: 'firing', ...all }, times, values(1)),
    encodeSeries({ __name__: 'ALERTS_FOR_STATE', ...all }, times, values(since / 1000)),
  ];
}
