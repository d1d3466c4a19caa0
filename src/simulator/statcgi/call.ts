import { type EpochMs, secondMs } from '../../model/time.ts';

export const operation = 'Get_LivePushStatHistory';

/** Parameters of a request for push history. Both ends of the window are included. */
export type HistoryQuery = NonNullable<ReturnType<typeof readHistoryQuery>>;

/** Returns undefined for another operation, and for a missing or invalid parameter. */
export function readHistoryQuery(query: URLSearchParams) {
  const from = readSeconds(query.get('Param.n.start_time'));
  const to = readSeconds(query.get('Param.n.end_time'));
  const stream = query.get('Param.s.stream_id') ?? '';
  if (query.get('interface') !== operation || stream === '') return undefined;
  return from === undefined || to === undefined || to < from ? undefined : { stream, from, to };
}

/** Reads UNIX seconds. The limit of ten digits rejects milliseconds, a likely mistake. */
function readSeconds(text: string | null): EpochMs | undefined {
  return text !== null && /^\d{1,10}$/.test(text) ? Number(text) * secondMs : undefined;
}
