import { type EpochMs, minuteMs, secondMs } from '../../model/time.ts';
import type { SimulatedStream } from '../world/streams.ts';
import type { World } from '../world/world.ts';
import { bitsPerUnit } from './push-rows.ts';
import { toUtcText } from './times.ts';

type PushDomainOf = (stream: SimulatedStream) => string;

/** Age in ms up to which the rates of a domain show the values of a sample. */
const shownSampleMs = 10 * secondMs;

/**
 * Returns the rows of DescribeLiveDomainFrameRateAndBitRateData for the time `at`: for each live stream of
 * the ingest domain, the values of its newest sample. Only whole minutes have rows, from `domain_delay` of
 * the scenario on. Each template of the scenario adds a transcoded stream for each stream.
 */
export function toDomainRateRows(
  world: World,
  { domain, at }: { readonly domain: string; readonly at: EpochMs },
  now: EpochMs,
  pushDomainOf: PushDomainOf,
) {
  const { transcoded, domainBitrateUnit, domainDelayMs } = world.scenario.alibaba;
  if (at % minuteMs !== 0 || at + domainDelayMs > now) return [];
  return world.streams
    .filter((stream) => pushDomainOf(stream) === domain)
    .flatMap(({ name, appName }) => {
      const sample = world.samplesOf(name, at - shownSampleMs, at + 1).at(-1);
      if (sample === undefined) return [];
      const { framesPerSecond, bitsPerSecond } = sample;
      return ['', ...transcoded.map((template) => `_${template}`)].map((suffix) => ({
        VideoFrameRate: framesPerSecond,
        AudioFrameRate: 43,
        BitRate: bitsPerSecond === undefined ? undefined : bitsPerSecond / bitsPerUnit[domainBitrateUnit],
        StreamUrl: `rtmp://${domain}/${appName}/${name}${suffix}`,
      }));
    });
}

/** Window of a request for push metrics, and the streams that it selects. */
interface MetricQuery {
  readonly domain: string;
  /** Application and stream; empty texts select all. */
  readonly appName: string;
  readonly stream: string;
  readonly from: EpochMs;
  readonly to: EpochMs;
}

/**
 * Returns the rows of DescribeLiveStreamPushMetricDetailData: for each minute of the window and each stream
 * that was pushed in it, its mean bit rate and its bytes.
 */
export function toMetricRows(
  world: World,
  { domain, appName, stream: name, from, to }: MetricQuery,
  now: EpochMs,
  pushDomainOf: PushDomainOf,
) {
  const end = Math.min(to, now - world.scenario.alibaba.domainDelayMs);
  const streams = world.streams.filter(
    (stream) =>
      (pushDomainOf(stream) === domain || stream.domain === domain) &&
      (appName === '' || stream.appName === appName) &&
      (name === '' || stream.name === name),
  );
  const first = Math.ceil(from / minuteMs);
  const count = Math.max(0, Math.floor(end / minuteMs) - first);
  return Array.from({ length: count }, (_, index) => (first + index) * minuteMs).flatMap((minute) =>
    streams.flatMap((stream) => {
      const { samples, bytes } = world.truthOf(stream.name, minute, minute + minuteMs);
      if (samples === 0) return [];
      return {
        AppName: stream.appName,
        StreamName: stream.name,
        TimeStamp: toUtcText(minute),
        ReqBps: (bytes * 8 * secondMs) / minuteMs,
        ReqTraffic: bytes,
      };
    }),
  );
}
