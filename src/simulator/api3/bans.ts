import { type EpochMs, hourMs } from '../../model/time.ts';
import type { ApiBehavior } from '../scenario/scenario.ts';
import type { Ban } from '../world/pushes.ts';
import { type Api3Call, isInteger, readParameters } from './call.ts';
import { toUtc } from './events.ts';

/**
 * Returns the response body with one page of the bans of the account. Its times are Beijing time or in UTC.
 */
export function toForbidBody(
  bans: readonly Ban[],
  { page, pageSize }: { readonly page: number; readonly pageSize: number },
  { time }: Pick<ApiBehavior, 'time'>,
  requestId: string,
) {
  const toText = (at: EpochMs) =>
    time === 'naive'
      ? toUtc(at + 8 * hourMs)
          .replace('T', ' ')
          .replace('Z', '')
      : toUtc(at);
  return {
    Response: {
      ForbidStreamList: bans
        .slice((page - 1) * pageSize, page * pageSize)
        .map(({ stream, forbiddenAt, expiresAt }) => ({
          StreamName: stream.name,
          CreateTime: toText(forbiddenAt),
          ExpireTime: toText(expiresAt),
          AppName: stream.appName,
          DomainName: stream.domain,
        })),
      TotalNum: bans.length,
      TotalPage: Math.ceil(bans.length / pageSize),
      PageNum: page,
      PageSize: pageSize,
      RequestId: requestId,
    },
  };
}

/** Parses the parameters of a request for bans, or returns the code of the failure. */
export function readForbidQuery(call: Api3Call) {
  const parameters = readParameters(call, ['PageNum', 'PageSize', 'StreamName']);
  if (typeof parameters === 'string') return parameters;
  const { PageNum = 1, PageSize = 10, StreamName = '' } = parameters;
  const isPage = isInteger(PageNum, 1, Infinity) && isInteger(PageSize, 1, 100);
  if (!isPage || typeof StreamName !== 'string') return 'InvalidParameterValue';
  return { page: Number(PageNum), pageSize: Number(PageSize), stream: StreamName };
}

/** Parses the parameters of a request for the state of a stream, or returns the code of the failure. */
export function readStateQuery(call: Api3Call) {
  const parameters = readParameters(call, ['AppName', 'DomainName', 'StreamName']);
  if (typeof parameters === 'string') return parameters;
  const { AppName, DomainName, StreamName } = parameters;
  if (!AppName || !DomainName || !StreamName) return 'MissingParameter';
  return { appName: String(AppName), domain: String(DomainName), stream: String(StreamName) };
}
