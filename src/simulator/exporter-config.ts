import { stringify } from 'yaml';
import { hourMs, minuteMs, secondMs } from '../model/time.ts';
import type { DomainStory, Scenario } from './scenario/scenario.ts';
import { bitRateText, durationText } from './scenario/units.ts';
import type { SimulatedStream } from './world/streams.ts';
import type { World } from './world/world.ts';

/** The environment variable in which the printed config looks for the simulated Tencent account's key. */
export const keyVariable = 'SIMULATOR_STAT_KEY';

/** Where it looks for what signs the calls of the simulated Alibaba account. */
export const accessKeyVariables = {
  id: 'SIMULATOR_ACCESS_KEY_ID',
  secret: 'SIMULATOR_ACCESS_KEY_SECRET',
  token: 'SIMULATOR_SECURITY_TOKEN',
} as const;

/** The environment that the printed config needs: all of it is made up. */
export function exporterEnvironment(scenario: Scenario): Readonly<Record<string, string>> {
  const tencent = scenario.streams.length === 0 ? {} : { [keyVariable]: scenario.account.key };
  if (scenario.domains.length === 0) return tencent;
  const { accessKeyId, accessKeySecret, securityToken } = scenario.alibaba.account;
  return {
    ...tencent,
    [accessKeyVariables.id]: accessKeyId,
    [accessKeyVariables.secret]: accessKeySecret,
    ...(securityToken === undefined ? {} : { [accessKeyVariables.token]: securityToken }),
  };
}

/** How late the exporter thinks samples and actions are when the config does not say. */
const ordinaryDelayMs = { push_stats: 10 * secondMs, control_history: 30 * secondMs } as const;

/** The exporter's config takes no more; of samples half an hour, its ordinary lookback of a minute included. */
const longestDelayMs = { push_stats: 29 * minuteMs, control_history: hourMs } as const;

/** What a domain is asked for again unless its story has actions that come later. */
const ordinaryLookbackMs = 10 * minuteMs;

/** With the longest delay it is a day, the most that the exporter's config takes. */
const longestLookbackMs = 23 * hourMs;

/**
 * The exporter's config, in YAML, that watches the simulated domains and streams; of the streams, the first `most`.
 * `endpoint` is Tencent's; Alibaba's is the root of the same server.
 */
export function toExporterConfig({ scenario, streams }: World, endpoint: string, most = Infinity): string {
  const { domains } = scenario;
  return stringify({
    accounts: [
      ...(streams.length === 0 ? [] : [toTencent(scenario, endpoint)]),
      ...(domains.length === 0 ? [] : [toAlibaba(scenario, new URL(endpoint).origin)]),
    ],
    streams: streams.length === 0 ? undefined : streams.slice(0, most).map(toWatched),
    domains: domains.length === 0 ? undefined : domains.map(toWatchedDomain),
  });
}

function toTencent({ account, provider }: Scenario, endpoint: string): unknown {
  return {
    name: 'simulator',
    provider: 'tencent',
    statcgi: { app_id: account.appId, key_env: keyVariable, endpoint },
    expected_delay: toExpectedDelay('push_stats', provider.delayMs),
  };
}

function toAlibaba({ alibaba }: Scenario, endpoint: string): unknown {
  const { account, signature, format, delayMs } = alibaba;
  return {
    name: 'simulator-alibaba',
    provider: 'alibaba',
    access_key_id_env: accessKeyVariables.id,
    access_key_secret_env: accessKeyVariables.secret,
    security_token_env: account.securityToken && accessKeyVariables.token,
    endpoint,
    signature,
    format,
    expected_delay: toExpectedDelay('control_history', delayMs),
  };
}

/** undefined where the exporter expects no less without being told. */
function toExpectedDelay(question: keyof typeof ordinaryDelayMs, delayMs: number): unknown {
  return delayMs > ordinaryDelayMs[question]
    ? { [question]: durationText(Math.min(delayMs, longestDelayMs[question])) }
    : undefined;
}

function toWatchedDomain({ name, story }: DomainStory): unknown {
  const latestMs = Math.max(ordinaryLookbackMs, ...story.map(({ lateMs }) => lateMs));
  const lookbackMs = Math.min(latestMs, longestLookbackMs);
  return {
    account: 'simulator-alibaba',
    domain: name,
    control_history: { interval: '10s', lookback: durationText(lookbackMs) },
  };
}

function toWatched({ name, domain, appName, framesPerSecond, bitsPerSecond }: SimulatedStream): unknown {
  return {
    account: 'simulator',
    stream: name,
    domain,
    app_name: appName,
    // Nothing can be expected of a rate of 0: the exporter's config refuses it.
    expect: {
      fps: framesPerSecond > 0 ? framesPerSecond : undefined,
      bitrate: bitsPerSecond > 0 ? bitRateText(bitsPerSecond) : undefined,
      live: true,
    },
  };
}
