import { scenarioOf } from './scenarios.ts';

/** A scenario with one stream that is always live. */
export const oneStream = scenarioOf(`
name: state
noise: 0%
account: {app_id: 1234, key: the-key}
provider: {delay: 3s}
streams: [{name: news, fps: 25, bitrate: 2Mbit}]
`);

/** Returns the number of samples of the stream on /metrics. */
export function samplesIn(text: string): number {
  return numberIn(text, /^livestream_push_samples_total\{.*\} (\S+)$/m);
}

/** Returns the number that the first group of the pattern matches. */
export function numberIn(text: string, line: RegExp): number {
  return Number(line.exec(text)?.[1]);
}

/** Returns a config with the stream. Further streams can be appended. */
export function oneStreamConfig(endpoint: string): string {
  return `
accounts: [{name: t, provider: tencent, statcgi: {app_id: 1234, key_env: STAT_KEY, endpoint: "${endpoint}"}}]
streams:
  - {account: t, stream: news, domain: push.example.com, app_name: live}
`;
}
