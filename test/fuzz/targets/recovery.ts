import type { HttpRequest, HttpResponse } from '../../../src/calls/call.ts';
import type { StrictExposition } from '../strict-exposition.ts';
import { law } from '../target.ts';
import { operationOf } from './accounts.ts';

/** Time in ms of two steps without an answer. The next poll comes at most a minute later. */
const failingMs = 120_000;
const passMs = 65_000;

export interface RecoveryParts {
  /** Name of the config. */
  readonly account: string;
  readonly now: () => number;
  readonly scrape: () => Promise<StrictExposition>;
  /** Lets the exporter poll for some time, during which `answer` answers each request. */
  readonly poll: (ms: number, answer: (request: HttpRequest) => HttpResponse | undefined) => Promise<void>;
}

/**
 * Whatever the provider has sent before, the sample of a time without answers counts once as soon as the provider
 * answers again, and not again with later answers.
 */
export async function lawOfRecovery({ account, now, scrape, poll }: RecoveryParts): Promise<void> {
  const failing = () => ({ status: 503, headers: {}, text: '' });
  // Several steps: new counters stay at 0 until Prometheus has received them.
  for (let i = 0; i < 3; i++) {
    await poll(failingMs, failing);
    await scrape();
  }
  const before = totalOf(await scrape());
  const sampleAt = Math.floor(now() / 1_000) * 1_000 - 20_000;
  const answer = (request: HttpRequest) => answerOf(account, request, sampleAt);
  let after = before;
  for (let i = 0; i < 4 && after === before; i++) {
    await poll(passMs, answer);
    after = totalOf(await scrape());
  }
  law(after === before + 1, 'a late sample counts once', { before, after });
  await poll(passMs, answer);
  law(totalOf(await scrape()) === after, 'a sample counts only once', { before, after });
}

/** Returns the counted samples of the stream in the config. */
function totalOf({ series }: StrictExposition): number {
  for (const { family, labels, value } of series.values()) {
    const isConfigured = labels.stream === 'room-1' || labels.stream === '1234_xxx';
    if (family === 'livestream_push_samples_total' && isConfigured) return value;
  }
  return 0;
}

/** Returns the answer about the stream in the config, and nothing for other operations. */
function answerOf(account: string, request: HttpRequest, sampleAt: number): HttpResponse | undefined {
  const [operation, list] = answers[account] ?? ['', () => ({})];
  if (operationOf(request) !== operation) return undefined;
  const { from, to } = windowOf(request);
  const isInside = sampleAt >= from && sampleAt <= to;
  return { status: 200, headers: {}, text: JSON.stringify(list(isInside ? [sampleAt] : [])) };
}

/** Returns the requested time range. */
function windowOf({ url, query = '', body = '{}' }: HttpRequest) {
  const parameters = new URLSearchParams(query || new URL(url).search);
  const fields = JSON.parse(body) as Readonly<Record<string, unknown>>;
  const timeOf = (...names: readonly string[]) => {
    const text = names.map((name) => parameters.get(name) ?? fields[name]).find((value) => value != null);
    return /^\d+$/.test(String(text)) ? Number(text) * 1_000 : Date.parse(String(text));
  };
  return {
    from: timeOf('StartTime', 'Param.n.start_time'),
    to: timeOf('EndTime', 'Param.n.end_time'),
  };
}

/** Operation of the push history of each config, and its response with samples of these times. */
const answers: Readonly<Record<string, readonly [string, (times: readonly number[]) => unknown]>> = {
  statcgi: [
    'Get_LivePushStatHistory',
    (times) => ({
      ret: 0,
      retcode: 0,
      errmsg: '',
      message: 'query data successfully',
      output: { stream_info: times.map((at) => ({ time: at / 1_000, fps: 25, speed: 2_000_000 })) },
    }),
  ],
  api3: [
    'DescribeStreamPushInfoList',
    (times) => ({
      Response: {
        DataInfoList: times.map((at) => ({
          Time: new Date(at).toISOString(),
          VideoFps: 25,
          VideoRate: 2_000_000,
          AudioRate: 128_000,
        })),
        RequestId: 'r',
      },
    }),
  ],
  alibaba: [
    'DescribeLiveCenterStreamRateData',
    (times) => ({
      RequestId: 'r',
      RateDatas: times.map((at) => ({
        Time: `${new Date(at).toISOString().slice(0, 19)}Z`,
        VideoFps: 25,
        VideoRate: 2_000_000,
        AudioRate: 128_000,
      })),
    }),
  ],
};
