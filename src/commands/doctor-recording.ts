import type { Exchange } from '../calls/exchanges.ts';
import type { Account, Config } from '../config/config.ts';
import {
  forbiddenTexts,
  leaks,
  pseudonymsFor,
  type RecordedNames,
  type Recording,
  toRecording,
} from '../doctor/record/recording.ts';

/** Exchanges of a run, in the form in which they are saved. */
export interface Redacted {
  readonly recordings: readonly Recording[];
  /**
   * Operations of recordings that still contained a name, an address or a secret, so that they must not be
   * saved.
   */
  readonly leaking: readonly string[];
}

/** Replaces names, addresses and IDs in the exchanges of a run. `secrets` are those of all accounts. */
export function redactExchanges(
  exchanges: readonly (readonly [Account, Exchange])[],
  config: Config,
  secrets: Iterable<string>,
): Redacted {
  const names = namesIn(config);
  const pseudonyms = pseudonymsFor(names);
  const forbidden = forbiddenTexts([...secrets, ...accountNumbers(config)], names);
  const recordings: Recording[] = [];
  const leaking: string[] = [];
  for (const [{ provider }, exchange] of exchanges) {
    const recording = toRecording(provider, exchange, pseudonyms);
    if (leaks(JSON.stringify(recording), forbidden)) leaking.push(exchange.operation);
    else recordings.push(recording);
  }
  return { recordings, leaking };
}

function namesIn({ pushTargets, controlTargets, discoveryTargets }: Config): RecordedNames {
  const streams = pushTargets.map(({ stream }) => stream);
  return {
    streams: streams.map(({ stream }) => stream),
    apps: [
      ...streams.map(({ appName }) => appName),
      ...discoveryTargets.map(({ appName }) => appName),
      ...controlTargets.flatMap(({ appName = '', appNames = [] }) => [appName, ...appNames]),
    ].filter((name) => name !== ''),
    domains: [...streams, ...discoveryTargets, ...controlTargets]
      .map(({ domain }) => domain)
      .filter((name) => name !== ''),
  };
}

/** Returns the numbers of accounts that the config contains, such as an app_id. */
function accountNumbers({ accounts }: Config): readonly string[] {
  const ids = accounts.map(({ settings }) => settings.appId);
  return ids.filter((id) => typeof id === 'number' && id >= 100_000).map(String);
}
