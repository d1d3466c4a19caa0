import { dayMs, type EpochMs } from '../../model/time.ts';
import type { Scenario } from '../scenario/scenario.ts';
import type { EndedPush } from '../world/pushes.ts';
import { randomAt } from '../world/random.ts';
import type { World } from '../world/world.ts';
import { type Api3Call, isInteger, parseTime, readParameters } from './call.ts';
import type { Api3Failure } from './errors.ts';

/** Parameters of a request for ended pushes. Texts are empty if absent. */
export interface EventQuery {
  readonly domain: string;
  readonly appName: string;
  readonly stream: string;
  readonly isStrict: boolean;
  readonly isAscending: boolean;
  readonly from: EpochMs;
  readonly to: EpochMs;
  readonly page: number;
  readonly pageSize: number;
}

/** Maximum age and span of a request in ms. Source: page of DescribeLiveStreamEventList. */
const retentionMs = 60 * dayMs;
const spanMs = 30 * dayMs;

/** Maximum number of rows of a window. */
const maxRows = 10_000;

/** Parses the parameters of a request for ended pushes, or returns the code of the failure. */
export function readEventQuery(call: Api3Call, now: EpochMs): EventQuery | Api3Failure {
  const names = ['StartTime', 'EndTime', 'AppName', 'DomainName', 'StreamName', 'PageNum', 'PageSize'];
  const parameters = readParameters(call, [...names, 'IsFilter', 'IsStrict', 'IsAsc']);
  if (typeof parameters === 'string') return parameters;
  const { DomainName = '', AppName = 'live', StreamName = '', PageNum = 1, PageSize = 10 } = parameters;
  const { StartTime, EndTime, IsFilter = 0, IsStrict = 0, IsAsc = 0 } = parameters;
  if (!StartTime || !EndTime) return 'MissingParameter';
  const [from, to] = [parseTime(StartTime), parseTime(EndTime)];
  const isText = [DomainName, AppName, StreamName].every((value) => typeof value === 'string');
  const isFlags = [IsFilter, IsStrict, IsAsc].every((value) => isInteger(value, 0, 1));
  const isPage = isInteger(PageNum, 1, Infinity) && isInteger(PageSize, 1, 100);
  if (!isText || !isFlags || !isPage || from === undefined || to === undefined)
    return 'InvalidParameterValue';
  if (to < from || to > now || to - from > spanMs || from < now - retentionMs) return 'InvalidParameterValue';
  return {
    domain: String(DomainName),
    appName: String(AppName),
    stream: String(StreamName),
    isStrict: IsStrict === 1,
    isAscending: IsAsc === 1,
    from,
    to,
    page: Number(PageNum),
    pageSize: Number(PageSize),
  };
}

/** Returns the response body with one page of the pushes that ended in the window, sorted by their end. */
export function toEventBody(world: World, query: EventQuery, now: EpochMs, requestId: string) {
  const { delayMs, late, pageLagMs } = world.scenario.provider.events;
  const at = now + (query.page - 1) * pageLagMs;
  const ended = world.streams
    .filter(
      ({ name, domain, appName }) =>
        appName === query.appName &&
        (query.domain === '' || domain === query.domain) &&
        (query.stream === '' || (query.isStrict ? name === query.stream : name.includes(query.stream))),
    )
    .flatMap((stream) => world.endedPushesOf(stream, query.from, query.to + 1))
    .filter(({ stream: { seed }, endedAt }) => {
      const isLate = late.share > 0 && randomAt(seed, endedAt, 'late end') < late.share;
      return endedAt + delayMs + (isLate ? late.byMs : 0) <= at;
    })
    .toSorted((a, b) => (query.isAscending ? a.endedAt - b.endedAt : b.endedAt - a.endedAt));
  const reachable = ended.slice(0, maxRows);
  const rows = reachable.slice((query.page - 1) * query.pageSize, query.page * query.pageSize);
  return {
    rows: rows.length,
    body: {
      Response: {
        EventList: rows.map((push) => toEventRow(push, world.scenario.account)),
        TotalNum: ended.length,
        TotalPage: Math.ceil(ended.length / query.pageSize),
        PageNum: query.page,
        PageSize: query.pageSize,
        RequestId: requestId,
      },
    },
  };
}

/**
 * Texts of reasons, by site. Source: the tables of stream interruption records of both sites. Not documented:
 * whether the API of the international site returns the English ones.
 */
const reasons = {
  china: {
    normal: '推流客户端主动断流',
    drop: '收到客户调用的断流请求',
    forbid: '收到客户调用的禁播请求',
  },
  international: {
    normal: 'The push client actively stopped the push.',
    drop: 'A push interruption request from the client was received.',
    forbid: 'A playback forbidding request from the client was received.',
  },
} as const;

function toEventRow(
  { stream, startedAt, endedAt, cut, stopReason }: EndedPush,
  { site }: Scenario['account'],
) {
  return {
    StreamName: stream.name,
    AppName: stream.appName,
    DomainName: stream.domain,
    StreamStartTime: toUtc(startedAt),
    StreamEndTime: toUtc(endedAt),
    Duration: Math.round((endedAt - startedAt) / 1_000),
    StopReason: stopReason ?? reasons[site][cut ?? 'normal'],
    ClientIp: stream.clientIp,
    Resolution: '1920*1080',
  };
}

/** Formats a time in UTC without a fraction of a second. */
export function toUtc(at: EpochMs): string {
  return `${new Date(at).toISOString().slice(0, 19)}Z`;
}
