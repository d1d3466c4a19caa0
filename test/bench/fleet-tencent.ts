import { beganAt, type FleetLists, nameOf, pagesOf } from './fleet-lists.ts';

/** Lists of API 3.0. The rates have no effect on the blocks of the event loop, but shorten the measurement. */
export const tencentLists: FleetLists = {
  account: `
    provider: tencent
    api3: {secret_id_env: ID, secret_key_env: KEY, endpoint: "http://127.0.0.1:9"}
    requests_per_second: {DescribeLiveStreamOnlineList: 200, DescribeLiveStreamPushInfoList: 200}`,
  domain: 'domain: push.example.com',
  answersOf(live) {
    const toText = (list: string) => (rows: readonly object[], TotalNum: number) =>
      JSON.stringify({ Response: { [list]: rows, TotalNum, RequestId: 'bench' } });
    const toOnline = (number: number) => ({
      StreamName: nameOf(number),
      AppName: 'live',
      DomainName: 'push.example.com',
      PublishTimeList: [{ PublishTime: beganAt }],
      PushToDelay: 0,
    });
    const toPush = (number: number) => ({
      StreamName: nameOf(number),
      AppName: 'live',
      PushDomain: 'push.example.com',
      ClientIp: `192.0.2.${number % 250}`,
      ServerIp: `198.51.100.${number % 50}`,
      BeginPushTime: beganAt,
      Resolution: '1920*1080',
      Acodec: 'AAC',
      Vcodec: 'H264',
      VideoFps: 20 + ((live.seed + number) % 10),
      AudioFps: 43,
      VideoSpeed: 2_000_000 + live.seed + number,
      AudioSpeed: 128_000,
      AsampleRate: 44_100,
      MetaFps: 25,
      MetaVideoSpeed: 2_400,
      MetaAudioSpeed: 128,
    });
    const pages: Readonly<Record<string, readonly Buffer[]>> = {
      DescribeLiveStreamOnlineList: pagesOf(live, 2_000, toOnline, toText('OnlineInfo')),
      DescribeLiveStreamPushInfoList: pagesOf(live, 1_000, toPush, toText('DataInfoList')),
    };
    return ({ headers, body = '' }) => {
      const { PageNum } = JSON.parse(body);
      return pages[headers['x-tc-action'] ?? headers['X-TC-Action'] ?? '']?.[PageNum - 1];
    };
  },
};
