import { beganAt, type FleetLists, nameOf, pagesOf } from './fleet-lists.ts';

/**
 * Returns the lists of Alibaba in one format. The list of live pushes has no pages: with 20,000 streams, it is one
 * response of 2.6 MB in JSON and 4.5 MB in XML, slightly more than the exporter accepts from the network. History has a
 * small budget, because lists feed the gauges only if history is slow.
 */
export function alibabaLists(format: 'json' | 'xml'): FleetLists {
  const toTextOf =
    (operation: string, outer: string, inner: string) => (rows: readonly object[], TotalNum: number) => {
      const content = { TotalNum, RequestId: 'bench', [outer]: { [inner]: rows } };
      return format === 'json' ? JSON.stringify(content) : toXml(`${operation}Response`, content);
    };
  return {
    account: `
    provider: alibaba
    access_key_id_env: ID
    access_key_secret_env: KEY
    endpoint: "http://127.0.0.1:9"
    format: ${format}
    requests_per_second:
      DescribeLiveStreamsOnlineList: 200
      DescribeLiveDomainFrameRateAndBitRateData: 200
      DescribeLiveCenterStreamRateData: 0.5`,
    domain: 'domain: play.example.com, push_domains: [push.example.com]',
    answersOf(live) {
      const toOnline = (number: number) => ({
        DomainName: 'play.example.com',
        AppName: 'live',
        StreamName: nameOf(number),
        PublishDomain: 'push.example.com',
        PublishUrl: `rtmp://push.example.com/live/${nameOf(number)}`,
        PublishTime: beganAt,
        PublishType: 'edge',
        ClientIp: `192.0.2.${number % 250}`,
        ServerIp: `198.51.100.${number % 50}`,
        FrameRate: 25,
        Width: 1920,
        Height: 1080,
        Transcoded: 'no',
      });
      const toPush = (number: number) => ({
        VideoFrameRate: 20.5 + ((live.seed + number) % 10),
        AudioFrameRate: 43.07,
        BitRate: 300_000.25 + live.seed + number,
        StreamUrl: `rtmp://push.example.com/live/${nameOf(number)}`,
      });
      const online = 'DescribeLiveStreamsOnlineList';
      const pushes = 'DescribeLiveDomainFrameRateAndBitRateData';
      const onlineText = toTextOf(online, 'OnlineInfo', 'LiveStreamOnlineInfo');
      const pushText = toTextOf(pushes, 'FrameRateAndBitRateInfos', 'FrameRateAndBitRateInfo');
      const pages: Readonly<Record<string, readonly Buffer[]>> = {
        [online]: pagesOf(live, 1_000, toOnline, onlineText),
        [pushes]: pagesOf(live, live.numbers.length, toPush, pushText),
      };
      return ({ url, headers }) => {
        const page = Number(new URL(url).searchParams.get('PageNum') ?? 1);
        return pages[headers['x-acs-action'] ?? '']?.[page - 1];
      };
    },
  };
}

/** Returns an XML element. A list is an element per item. */
function toXml(name: string, content: unknown): string {
  if (Array.isArray(content)) return content.map((each) => toXml(name, each)).join('');
  const isTree = typeof content === 'object' && content !== null;
  const inner = isTree
    ? Object.entries(content).map(([field, value]) => toXml(field, value))
    : [String(content)];
  return `<${name}>${inner.join('')}</${name}>`;
}
