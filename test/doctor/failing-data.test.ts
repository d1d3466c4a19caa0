import {
  alibaba,
  alibabaAnswer,
  api3,
  api3Answer,
  type Case,
  describeFailures,
  json,
  only,
  statcgi,
  withoutSetting,
  withoutStreams,
} from './failing-account.ts';
import { asFleet } from './run-doctor.ts';

/** Lets the exporter assume the default units. */
const withoutUnits = withoutSetting('bitrate_unit');
/** The operation with the documented unit returns nothing. */
const withoutPushMetrics = only(
  'DescribeLiveStreamPushMetricDetailData',
  alibabaAnswer({ StreamDetailData: {} }),
);
const Time = '2026-03-01T11:59:50Z';
const tencentRow = { Time, VideoFps: 25, VideoRate: 2_500_000, AudioRate: 0, LocalTs: 5_000 };
/** Row of a list. Its bit rates have another unit than those of the history. */
const listedRow = {
  ...{ StreamName: 'room-1', AppName: 'live', PushDomain: 'push.example.com' },
  ...{ VideoFps: 25, VideoSpeed: 25_000, AudioSpeed: 100, ClientIp: '192.0.2.1', ServerIp: '192.0.2.2' },
};
const fleet = (more: string) => alibaba(more, ', count: 20').replace('cam-1', 'cam-{n}');

const cases: Readonly<Record<string, Case>> = {
  'data late': {
    scenario: api3('provider: {delay: 97s}'),
    config: withoutSetting('expected_delay'),
    cause: 'data_delay',
    says: [
      /samples of room-1 arrive about \d+ s after/,
      'later than expected_delay (10 s)',
      'expected_delay: {push_stats: 100s}',
    ],
  },
  'data later than the config supports': {
    scenario: api3('provider: {delay: 50m}'),
    config: withoutSetting('expected_delay'),
    cause: 'data_delay',
    says: ['ask the support of the provider'],
  },
  'time zone wrong': {
    scenario: statcgi(),
    config: (yaml) => yaml.replace(/(key_env: \S+)/, '$1\n      time_zone: "+02:00"'),
    cause: 'time_zone',
    says: ['set time_zone to the zone of the times', 'time_zone: "+08:00"'],
  },
  'times in UTC': {
    scenario: statcgi(),
    intercept(_, response, incoming) {
      const query = new URL(incoming.url ?? '', 'http://host').searchParams;
      const at = Number(query.get('Param.n.end_time')) - 10;
      const time = new Date(at * 1000).toISOString().slice(0, 19).replace('T', ' ');
      const row = { time, fps: 25, speed: 2_500_000, client_ip: '192.0.2.1', server_ip: '198.51.100.1' };
      return json({ ret: 0, message: 'ok', output: { stream_info: [row] } })(response);
    },
    cause: 'time_zone',
    says: ['the times in the response are in UTC', 'correct time_zone in the config', 'time_zone: UTC'],
  },
  'unit of bit rates wrong': {
    scenario: alibaba('alibaba: {bitrate_unit: kbit}'),
    config: withoutUnits,
    cause: 'unit',
    says: ['bitrate_unit: {DescribeLiveCenterStreamRateData: kbit}', 'set bitrate_unit to kbit'],
  },
  'unit of bit rates wrong, but plausible': {
    scenario: alibaba('alibaba: {bitrate_unit: byte}'),
    config: withoutUnits,
    cause: 'unit',
    says: [
      /DescribeLiveCenterStreamRateData reports about 31\d{4} bit\/s for a live stream, and DescribeLiveStreamPushMetricDetailData, whose unit is documented, 2[45]\d{5} bit\/s/,
      'bitrate_unit: {DescribeLiveCenterStreamRateData: byte}',
      /DescribeLiveStreamPushMetricDetailData +ok, 58 minutes +-/,
    ],
  },
  'unit of bit rates wrong, without push metrics': {
    scenario: alibaba('alibaba: {bitrate_unit: kbit}'),
    config: withoutUnits,
    intercept: withoutPushMetrics,
    cause: 'unit',
    says: ['bitrate_unit: {DescribeLiveCenterStreamRateData: kbit}', 'the bit rate fits the expected one'],
  },
  'unit of bit rates wrong, those of the domain right': {
    scenario: fleet('alibaba: {bitrate_unit: byte}'),
    config: (yaml) => asFleet(withoutUnits(yaml)),
    cause: 'unit',
    says: [
      'bitrate_unit: {DescribeLiveCenterStreamRateData: byte}',
      /DescribeLiveDomainFrameRateAndBitRateData +ok, 20 live +-/,
    ],
  },
  'unit of the rates of a domain wrong, by comparison with the push metrics': {
    scenario: fleet('alibaba: {domain_bitrate_unit: kbit}'),
    config: (yaml) => asFleet(withoutUnits(yaml)),
    cause: 'unit',
    says: [
      'bitrate_unit: {DescribeLiveDomainFrameRateAndBitRateData: kbit}',
      'with kbit, both operations report the same bit rate',
    ],
  },
  'unit of the rates of a domain wrong, by comparison with the history': {
    scenario: fleet('alibaba: {domain_bitrate_unit: bit}'),
    config: (yaml) => asFleet(withoutUnits(yaml)),
    intercept: withoutPushMetrics,
    cause: 'unit',
    says: ['bitrate_unit: {DescribeLiveDomainFrameRateAndBitRateData: bit}'],
  },
  'answer unreadable': {
    scenario: alibaba('alibaba: {story: [{at: 0s, answer: truncated}]}'),
    config: withoutStreams,
    cause: 'unreadable',
    says: ['run the command again with --record=DIR'],
  },
  'some rows unreadable': {
    scenario: api3(),
    intercept: only('DescribeStreamPushInfoList', api3Answer({ DataInfoList: [tencentRow, { Time }] })),
    cause: 'unreadable_rows',
    says: ['1 of 2 rows of the answer cannot be read'],
  },
  'unit of a list differs from that of the history': {
    scenario: api3(),
    config: (yaml) =>
      yaml.replace(/(api3:\n)/, 'requests_per_second: {DescribeStreamPushInfoList: 0.01}\n    $1'),
    intercept: only(
      'DescribeLiveStreamPushInfoList',
      api3Answer({ DataInfoList: [listedRow], TotalNum: 1, TotalPage: 1, PageNum: 1, PageSize: 1_000 }),
    ),
    cause: 'unit',
    says: [
      /DescribeLiveStreamPushInfoList +trouble, 1 live/,
      'the bit rates of a live stream are about 25100 bit/s',
    ],
  },
};

describeFailures(cases);
