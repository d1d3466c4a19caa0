import { rowsPerAnswer } from './statcgi-answer.ts';

const audioBitsPerSecond = 128_000;

/**
 * Returns the response of DescribeStreamPushInfoList to a request with this JSON body: a row for each five seconds of
 * the last requested minute, about 6 kB. Times and periods jitter by some milliseconds, as the documented examples do.
 */
export function api3Answer(body: string): string {
  const end = Date.parse(/"EndTime":"([^"]*)"/.exec(body)?.[1] ?? '');
  const number = Number(/"StreamName":"room-(\d+)/.exec(body)?.[1]);
  // Rows of another time would be skipped, and their streams would seem to need no memory.
  if (Number.isNaN(end + number)) throw new Error(`no stream and end time in the request: ${body}`);
  const rows: object[] = [];
  for (let row = 0; row < rowsPerAnswer; row++) {
    const second = end / 1000 - (rowsPerAnswer - 1 - row) * 5;
    const jitterMs = (second * 7 + number * 13) % 40;
    rows.push({
      Time: new Date(second * 1000 - jitterMs).toISOString(),
      PushDomain: `push-${number % 40}.live.example.com`,
      AppName: 'live',
      ClientIp: `192.0.${2 + (number >> 8)}.${number & 255}`,
      ServerIp: '198.51.100.9',
      BeginPushTime: '2026-03-01T00:00:00+08:00',
      Resolution: '1920*1080',
      VCodec: 'H264',
      ACodec: 'AAC',
      Sequence: String(6_674_404_187_404_828_000n + BigInt(number)),
      StreamParam: 'txSecret=0123456789abcdef0123456789abcdef&txTime=69A3B680',
      VideoFps: 24 + ((second + number) % 3),
      AudioFps: 43,
      VideoRate: 2_400_000 + ((second * 7919 + number) % 900_000),
      AudioRate: audioBitsPerSecond,
      LocalTs: 4_980 + jitterMs,
      VideoTs: 5_000,
      AudioTs: 5_004,
      MetaVideoRate: 2500,
      MetaAudioRate: 128,
      MateFps: 25,
      Bandwidth: 2.5,
      Flux: 1.5,
      GopSize: 2000,
    });
  }
  return JSON.stringify({ Response: { DataInfoList: rows, RequestId: `request-${number}` } });
}
