import type { Schedule } from './live-schedule.ts';
import type { StreamId } from './stream.ts';
import type { EpochMs } from './time.ts';

/** Names of the alerts that the exporter can post by itself. They are alerts of the rules, too. */
export const postedAlertNames = [
  'LivestreamPushFpsLow',
  'LivestreamPushVideoStalled',
  'LivestreamPushMissing',
  'LivestreamForbidden',
] as const;

export type PostedAlertName = (typeof postedAlertNames)[number];

/** Firing alert about one stream. */
export interface StreamAlert {
  readonly name: PostedAlertName;
  readonly stream: StreamId;
  /** Labels from the config. */
  readonly labels: Readonly<Record<string, string>>;
  /** Start of the alert: the provider's time of the first bad sample or of the action (epoch ms). */
  readonly since: EpochMs;
  /** Limit that the stream violates, in frames per second; absent for other alerts. */
  readonly minFramesPerSecond?: number | undefined;
  /** Schedule of the stream: the alert ends when the stream is not due any more. Absent: it ends with an answer. */
  readonly schedule?: Schedule;
}

/** Receives the state of alerts. Calls are idempotent: a call that changes nothing has no effect. */
export interface AlertSink {
  /** Reports whether alerts are posted. If not, the other functions have no effect. */
  isOn(): boolean;
  /** Returns a number that changes whenever the sink forgets all alerts. */
  generation(): number;
  /** Sets a firing alert. `streamKey` is the key of its stream. */
  fire(streamKey: string, alert: StreamAlert): void;
  /** Ends an alert. */
  resolve(streamKey: string, name: PostedAlertName): void;
}

/** Sink of an exporter that posts no alerts. */
export const noAlerts: AlertSink = {
  isOn: () => false,
  generation: () => 0,
  fire: () => undefined,
  resolve: () => undefined,
};
