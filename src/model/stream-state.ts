/**
 * States of a stream, most urgent first. Alerts and dashboards use the same words.
 *
 * - `missing`: the stream is expected to be live, but the last answer contains no fresh sample.
 * - `degraded`: the newest sample violates the expectation, for example by a low frame rate.
 * - `unknown`: there is no answer yet, the last answer is too old, or it leaves the state open.
 * - `up`: the last answer contains a fresh sample in good condition.
 * - `not_pushed`: the last answer contains no fresh sample, and the stream is not expected to be live.
 */
export const streamStates = ['missing', 'degraded', 'unknown', 'up', 'not_pushed'] as const;

export type StreamState = (typeof streamStates)[number];
