import { type EpochMs, secondMs } from '../../model/time.ts';

export const operation = 'Get_LivePushStatHistory';

/**
 * Parameters of a request for push history: the stream and the window (wall clock, epoch ms). The window
 * includes its start and its end.
 */
export type HistoryQuery = NonNullable<ReturnType<typeof readHistoryQuery>>;

/**
 * Returns the parameters of a request for push history; undefined if the request is for another operation or
 * if a parameter is missing or invalid.
 */
export function readHistoryQuery(query: URLSearchParams) {
  const from = readSeconds(query.get('Param.n.start_time'));
  const to = readSeconds(query.get('Param.n.end_time'));
  const stream = query.get('Param.s.stream_id') ?? '';
  if (query.get('interface') !== operation || stream === '') return undefined;
  return from === undefined || to === undefined || to < from ? undefined : { stream, from, to };
}

/**
 * Parses seconds since 1970. Returns epoch ms; undefined if the text is malformed. Accepts at most ten
 * digits, to reject a time in milliseconds, which is a likely mistake of a client.
 */
function readSeconds(text: string | null): EpochMs | undefined {
  return text !== null && /^\d{1,10}$/.test(text) ? Number(text) * secondMs : undefined;
}
