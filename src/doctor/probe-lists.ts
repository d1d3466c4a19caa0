import type { ControlAction } from '../model/control-action.ts';
import type {
  ControlHistorySource,
  ControlledDomain,
  DomainMappingSource,
  ForbiddenStreamsSource,
  LivePushStatsSource,
  OnlineStreamsSource,
  Sources,
  StreamStateSource,
} from '../model/questions.ts';
import type { StreamId } from '../model/stream.ts';
import type { ControlTarget, DiscoveryTarget } from '../model/target.ts';
import { hourMs } from '../model/time.ts';
import type { Rate } from './facts.ts';
import { firstApp, otherApps } from './other-apps.ts';
import { measuredStream } from './probe-metrics.ts';
import type { Known, Outcome, ProbeParts, ProbeRun } from './probe-parts.ts';
import { answeredResult, rateOf } from './result.ts';

/** Length in ms of the time range of a request for control actions. */
const controlMs = hourMs;

/** Requests the domains that belong together with `domain`. */
export async function mapDomain(
  source: DomainMappingSource,
  domain: string,
  signal: AbortSignal,
): Promise<Outcome> {
  const { push, main } = await source.listDomains(domain, signal);
  const items = [...push, ...main];
  return { result: answeredResult({ items, malformed: 0, warnings: [] }) };
}

/**
 * Lists the live streams of a discovered application. If there are none, tries other applications of the
 * domain that the config does not name.
 */
export async function listApp(
  source: OnlineStreamsSource,
  { targets, known, canRepeat }: ProbeRun,
  { domain, appName }: DiscoveryTarget,
  signal: AbortSignal,
): Promise<Outcome> {
  const answer = await source.listOnlineStreams({ domain, appName }, signal);
  const streams = answer.items.map(({ stream, firstStartedAt }) => [stream, firstStartedAt] as const);
  known.online.set(`${domain}/${appName}`, new Map(streams));
  if (answer.items.length > 0 || !canRepeat(source.operation)) return { result: answeredResult(answer) };
  const isNamed = (other: string) =>
    targets.discovery.some((each) => each.domain === domain && each.appName === other);
  const others = otherApps(appName, []).filter((other) => !isNamed(other));
  const found = await firstApp(others, async (other) => {
    return (await source.listOnlineStreams({ domain, appName: other }, signal)).items.length > 0;
  });
  const otherApp = found === undefined ? undefined : { configured: appName, found };
  return { result: answeredResult(answer, { otherApp }) };
}

/** Lists the live pushes of the application of a stream. */
export async function listPushes(
  source: LivePushStatsSource,
  known: Known,
  stream: StreamId,
  signal: AbortSignal,
): Promise<Outcome> {
  const answer = await source.listLivePushes(stream, signal);
  const listed = new Map<string, Rate>();
  for (const { stream: name, sample } of answer.items) {
    const rate = rateOf(sample);
    if (rate === undefined) continue;
    listed.set(name, rate);
    if (name === stream.stream) known.measured ??= measuredStream(stream, sample);
  }
  return { result: answeredResult(answer, { listed, listedAt: answer.measuredAt }) };
}

/**
 * Requests the control actions of the last hour. If there are none of the configured application, requests
 * those of all applications of the domain, provided that the source answers for all of them.
 */
export async function listControlActions(
  source: ControlHistorySource,
  { clock, canRepeat }: ProbeParts,
  target: ControlTarget,
  signal: AbortSignal,
): Promise<Outcome> {
  const now = clock.now();
  const window = { from: now - Math.min(controlMs, source.limits.spanMs), to: now };
  const request = (domain: ControlledDomain) => source.listControlActions(domain, window, signal);
  const answer = await request(target);
  const { appName: configured } = target;
  if (answer.items.length > 0 || configured === undefined || !canRepeat(source.operation)) {
    return { result: answeredResult(answer) };
  }
  const all = await request({ domain: target.domain, appName: undefined });
  const isSame = ({ appName }: ControlAction) => appName.toLowerCase() === configured.toLowerCase();
  const found = all.items.find(isSame)?.appName;
  const otherApp = found === undefined || found === configured ? undefined : { configured, found };
  return { result: answeredResult(answer, { otherApp }) };
}

/**
 * Adds to a rejected domain which domains belong together with it. Returns the result unchanged if the
 * provider cannot tell, for example without the permission: then the advice is less exact.
 */
export async function withMapping(
  { domain_mapping: lookup }: Sources,
  outcome: Outcome,
  domain: string,
  signal: AbortSignal,
): Promise<Outcome> {
  const { result } = outcome;
  const isDomain =
    result.kind === 'failed' && (result.reason === 'domain_kind' || result.reason === 'domain_not_found');
  if (!isDomain || lookup === undefined || lookup.operation === result.operation) return outcome;
  const mapping = await lookup.listDomains(domain, signal).catch(() => undefined);
  return { ...outcome, result: { ...result, mapping } };
}

/** Lists the bans of a domain. */
export async function listForbidden(
  source: ForbiddenStreamsSource,
  domain: string,
  signal: AbortSignal,
): Promise<Outcome> {
  const answer = await source.listForbiddenStreams(domain, signal);
  const advice = source.notOfferedAdvice;
  return { result: answer === undefined ? { kind: 'not_offered', advice } : answeredResult(answer) };
}

/** Requests whether a stream is forbidden. */
export async function stateOf(
  source: StreamStateSource,
  stream: StreamId,
  signal: AbortSignal,
): Promise<Outcome> {
  const isForbidden = await source.isForbidden(stream, signal);
  const items = isForbidden === undefined ? [] : [isForbidden];
  return { result: answeredResult({ items, malformed: 0, warnings: [] }) };
}
