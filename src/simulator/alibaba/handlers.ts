import { dayMs, type EpochMs, hourMs } from '../../model/time.ts';
import type { AlibabaBehavior } from '../scenario/scenario.ts';
import { visibleSamples } from '../world/visible-samples.ts';
import type { World } from '../world/world.ts';
import { toBanFields, toBanName } from './bans.ts';
import {
  type AlibabaOperation,
  type HistoryQuery,
  readHistoryQuery,
  readInstantQuery,
  readListQuery,
  readMetricQuery,
  readPageQuery,
  readRateQuery,
} from './call.ts';
import { toDomainRateRows, toMetricRows } from './domain-rates.ts';
import { createDomains, type DomainKind } from './domains.ts';
import { type Format, toHistoryText, toList, toSuccessText } from './envelope.ts';
import type { AlibabaFailure } from './errors.ts';
import { toListFields, toListRows, toRateRow, toSilentRows } from './push-rows.ts';

/** Answer of an operation, before it is converted to a response body. */
interface HandledOperation {
  readonly rows: number;
  /** Length of the requested window in ms; undefined if the operation has none. */
  readonly windowMs: number | undefined;
  readonly toText: (format: Format, requestId: string) => string;
}

type Handler = (parameters: URLSearchParams, now: EpochMs) => HandledOperation | AlibabaFailure;

/** Maximum length of a window of control history. Source: page of DescribeLiveStreamsControlHistory. */
const maxHistoryMs = 7 * dayMs;
/**
 * Maximum length of a window of push rates, and their retention. Source: model of
 * DescribeLiveCenterStreamRateData.
 */
const maxRatesMs = 3 * hourMs;
const ratesRetentionMs = 30 * dayMs;
/**
 * Maximum length of a window of push metrics, their retention, and the number of rows per page. Source: model
 * of DescribeLiveStreamPushMetricDetailData.
 */
const maxMetricsMs = dayMs;
const metricsRetentionMs = 31 * dayMs;
const metricsPageSize = 5_000;

/** Creates the functions that answer the operations, from valid requests. They have no state. */
export function createHandlers(world: World): Readonly<Record<AlibabaOperation, Handler>> {
  const { alibaba: behavior, provider } = world.scenario;
  const domains = createDomains(world);
  const streams = new Map(world.streams.map((stream) => [stream.name, stream]));

  /** Returns the failure of a request for a domain; undefined if the domain has one of the `kinds`. */
  function checkDomain(domain: string, kinds: readonly DomainKind[]): AlibabaFailure | undefined {
    const own = domains.kindsOf(domain);
    if (own.length === 0) return 'InvalidDomain.NotFound';
    return own.some((kind) => kinds.includes(kind)) ? undefined : 'IllegalOperation';
  }

  /** Returns the time that a page of a list shows. Later pages are newer, so that rows move between pages. */
  function listedAt({ page }: { readonly page: number }, now: EpochMs): EpochMs {
    const { delayMs, pageLagMs } = provider.list;
    return now - delayMs + (page - 1) * pageLagMs;
  }

  function visibleActions({ domain, appName, from, to }: HistoryQuery, now: EpochMs) {
    const first = Math.max(behavior.ends === 'none' ? from + 1 : from, now - behavior.retentionMs);
    const visible = world
      .actionsOf(domain, first, behavior.ends === 'both' ? to + 1 : to)
      .filter((action) => action.visibleAt <= now && (appName === '' || action.appName === appName));
    return (behavior.order === 'ascending' ? visible : visible.toReversed()).slice(0, behavior.mostRecords);
  }

  return {
    DescribeLiveStreamsControlHistory(parameters, now) {
      const query = readHistoryQuery(parameters);
      if (typeof query === 'string') return query;
      const { domain, from, to } = query;
      const failure =
        checkWindow(query, maxHistoryMs, behavior.retentionMs, behavior, now) ??
        checkDomain(domain, ['streaming']);
      if (failure !== undefined) return failure;
      const actions = visibleActions(query, now);
      return {
        rows: actions.length,
        windowMs: to - from,
        toText: (format, requestId) => toHistoryText(actions, { behavior, format, requestId }),
      };
    },

    DescribeLiveCenterStreamRateData(parameters, now) {
      const query = readRateQuery(parameters);
      if (typeof query === 'string') return query;
      const { domain, appName, from, to } = query;
      const kinds: readonly DomainKind[] =
        behavior.ratesOf === 'both' ? ['ingest', 'streaming'] : [behavior.ratesOf];
      const failure =
        checkWindow(query, maxRatesMs, ratesRetentionMs, behavior, now) ?? checkDomain(domain, kinds);
      const isEmpty = failure === 'IllegalOperation' && behavior.wrongDomain === 'empty';
      if (failure !== undefined && !isEmpty) return failure;
      const stream = streams.get(query.stream);
      const isAsked =
        stream?.appName === appName &&
        ((kinds.includes('ingest') && domains.pushDomainOf(stream) === domain) ||
          (kinds.includes('streaming') && stream.domain === domain));
      const found = isAsked && !isEmpty ? query.stream : '';
      const { samples, unfinished } = visibleSamples(world, found, query, ratesRetentionMs, now);
      const visible = samples.map((sample) => toRateRow(sample, behavior, sample === unfinished));
      const until = Math.min(to, now - provider.delayMs);
      const silent =
        found === '' || behavior.silence === 'absent' ? [] : toSilentRows(samples, { from, to: until });
      const rows = [...visible, ...silent];
      return {
        rows: rows.length,
        windowMs: to - from,
        toText: (format, RequestId) => {
          const fields = { RequestId, RateDatas: toList(rows, behavior) };
          return toSuccessText('DescribeLiveCenterStreamRateData', fields, format);
        },
      };
    },

    DescribeLiveStreamsOnlineList(parameters, now) {
      const query = readListQuery(parameters);
      if (typeof query === 'string') return query;
      const failure = checkDomain(query.domain, ['streaming']);
      if (failure !== undefined) return failure;
      const all = toListRows(world, query, listedAt(query, now), domains.pushDomainOf);
      const rows = all.slice((query.page - 1) * query.pageSize, query.page * query.pageSize);
      return {
        rows: rows.length,
        windowMs: undefined,
        toText: (format, RequestId) => {
          const fields = { RequestId, ...toListFields(rows, all.length, query, behavior) };
          return toSuccessText('DescribeLiveStreamsOnlineList', fields, format);
        },
      };
    },

    DescribeLiveDomainFrameRateAndBitRateData(parameters, now) {
      const query = readInstantQuery(parameters);
      if (typeof query === 'string') return query;
      const failure = checkDomain(query.domain, ['ingest']);
      if (failure !== undefined) return failure;
      const rows = toDomainRateRows(world, query, now, domains.pushDomainOf);
      return {
        rows: rows.length,
        windowMs: undefined,
        toText: (format, RequestId) => {
          const infos = toList(rows, behavior, 'FrameRateAndBitRateInfo');
          const fields = { FrameRateAndBitRateInfos: infos, RequestId };
          return toSuccessText('DescribeLiveDomainFrameRateAndBitRateData', fields, format);
        },
      };
    },

    DescribeLiveStreamPushMetricDetailData(parameters, now) {
      const query = readMetricQuery(parameters);
      if (typeof query === 'string') return query;
      const failure =
        checkWindow(query, maxMetricsMs, metricsRetentionMs, behavior, now) ??
        checkDomain(query.domain, ['ingest', 'streaming']);
      if (failure !== undefined) return failure;
      const all = toMetricRows(world, query, now, domains.pushDomainOf);
      const rows = all.slice(query.offset, query.offset + metricsPageSize);
      const next = query.offset + rows.length;
      return {
        rows: rows.length,
        windowMs: query.to - query.from,
        toText: (format, RequestId) => {
          const fields = {
            RequestId,
            DomainName: query.domain,
            StartTime: parameters.get('StartTime'),
            EndTime: parameters.get('EndTime'),
            PageSize: rows.length,
            NextPageToken: next < all.length ? String(next) : '',
            StreamDetailData: toList(rows, behavior, 'StreamData'),
          };
          return toSuccessText('DescribeLiveStreamPushMetricDetailData', fields, format);
        },
      };
    },

    DescribeLiveStreamsBlockList(parameters, now) {
      const query = readPageQuery(parameters);
      if (typeof query === 'string') return query;
      const failure = checkDomain(query.domain, ['streaming']);
      if (failure !== undefined) return failure;
      const { page, pageSize } = query;
      const all = world.blockedAt(query.domain, listedAt(query, now));
      const own = world.scenario.domains.find(({ name }) => name === query.domain)?.pushDomains ?? [];
      const names = all
        .slice((page - 1) * pageSize, page * pageSize)
        .map(({ appName, stream }) => toBanName({ domain: query.domain, appName, stream }, own, behavior));
      return {
        rows: names.length,
        windowMs: undefined,
        toText: (format, RequestId) => {
          const fields = { RequestId, ...toBanFields(names, all.length, query, behavior) };
          return toSuccessText('DescribeLiveStreamsBlockList', fields, format);
        },
      };
    },

    DescribeLiveDomainMapping(parameters) {
      const domain = parameters.get('DomainName') ?? '';
      if (domain === '') return 'MissingDomainName';
      const failure = checkDomain(domain, ['streaming', 'ingest']);
      if (failure !== undefined) return failure;
      const models = domains.modelsOf(domain);
      return {
        rows: models.length,
        windowMs: undefined,
        toText: (format, RequestId) => {
          const fields = { RequestId, LiveDomainModels: { LiveDomainModel: models } };
          return toSuccessText('DescribeLiveDomainMapping', fields, format);
        },
      };
    },
  };
}

function checkWindow(
  { from, to }: Pick<HistoryQuery, 'from' | 'to'>,
  maxMs: number,
  retentionMs: number,
  { olderStart, futureEnd }: AlibabaBehavior,
  now: EpochMs,
): AlibabaFailure | undefined {
  if (to < from || to - from > maxMs) return 'InvalidEndTime.Mismatch';
  if (olderStart === 'refused' && from < now - retentionMs) return 'InvalidStartTime.Malformed';
  return futureEnd === 'refused' && to > now ? 'InvalidEndTime.Malformed' : undefined;
}
