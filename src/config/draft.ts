import { type PartiallyParsed, parsePartially, rawAt, unreadable } from '../text/partial-parse.ts';
import { listAt, valueAt } from '../text/plain-value.ts';
import type { ControlTiming } from './control-timing.ts';
import type { PartialConfig } from './cross-check.ts';
import type { PushTiming } from './push-timing.ts';
import { AlibabaAccountSchema, TencentAccountSchema } from './schema/account.ts';
import { type ConfigInput, ConfigSchema, LimitsSchema, StreamSchema } from './schema/config.ts';
import { ControlHistory, DomainSchema } from './schema/domains.ts';
import { AccountPushStats, PushStats } from './schema/push-stats.ts';

/** What can be read of a config that is about to be checked; `input` where nothing in it is wrong by itself. */
export function parsePartialConfig(raw: unknown, input: ConfigInput | undefined): PartialConfig {
  const limits = rawAt(ConfigSchema.out.shape, raw, 'limits') ?? {};
  return {
    raw,
    pushTimings: pushTimingsOf(raw),
    streams: input?.streams ?? listAt(raw, ['streams']).map(readStream),
    domains: input?.domains ?? listAt(raw, ['domains']).map(readDomain),
    controlTimings: controlTimingsOf(raw),
    maxStreams: parsePartially(LimitsSchema.out.shape, limits, ['max_streams']).max_streams,
  };
}

function readStream(raw: unknown) {
  return parsePartially(StreamSchema.out.shape, raw, ['account', 'domain', 'app_name', 'stream']);
}

function readDomain(raw: unknown) {
  return parsePartially(DomainSchema.out.shape, raw, ['account', 'domain']);
}

const times = ['interval', 'lookback', 'stale_after'] as const;

function pushTimingsOf(raw: unknown): readonly (PartiallyParsed<PushTiming> | undefined)[] {
  const all = rawAt(ConfigSchema.out.shape, raw, 'push_stats') ?? {};
  const shared = parsePartially(PushStats.out.shape, all, times);
  const { shape } = TencentAccountSchema;
  return listAt(raw, ['accounts']).map((account) => {
    if (valueAt(account, ['provider']) !== 'tencent') return undefined;
    const own = parsePartially(AccountPushStats.out.shape, rawAt(shape, account, 'push_stats') ?? {}, times);
    const delays = rawAt(shape, account, 'expected_delay') ?? {};
    // One that stands beside its section is told by itself.
    const time = (key: (typeof times)[number]) =>
      valueAt(account, [key]) === undefined && valueAt(raw, [key]) === undefined
        ? (own[key] ?? shared[key])
        : unreadable;
    return {
      interval: time('interval'),
      lookback: time('lookback'),
      stale_after: time('stale_after'),
      expected_delay: parsePartially(shape.expected_delay.unwrap().out.shape, delays, ['push_stats'])
        .push_stats,
    };
  });
}

function controlTimingsOf(raw: unknown): readonly (PartiallyParsed<ControlTiming> | undefined)[] {
  const accounts = new Map(listAt(raw, ['accounts']).map((account) => [valueAt(account, ['name']), account]));
  return listAt(raw, ['domains']).map((domain) => {
    const account = accounts.get(valueAt(domain, ['account']));
    if (valueAt(account, ['provider']) === 'tencent') return undefined;
    const own = rawAt(DomainSchema.out.shape, domain, 'control_history') ?? {};
    return {
      ...parsePartially(ControlHistory.out.shape, own, ['interval', 'lookback']),
      expected_delay: controlDelayOf(account),
    };
  });
}

/** Unreadable also of an account that is not there. */
function controlDelayOf(account: unknown) {
  const { shape } = AlibabaAccountSchema;
  if (valueAt(account, ['provider']) !== 'alibaba') return unreadable;
  const delays = rawAt(shape, account, 'expected_delay') ?? {};
  return parsePartially(shape.expected_delay.unwrap().out.shape, delays, ['control_history']).control_history;
}
