import { expect, test } from 'vitest';
import { alibaba, alibabaAnswer, alibabaError, only } from './failing-account.ts';
import { asFleet, causesIn, runOnSimulator } from './run-doctor.ts';

const scenario = alibaba();

const units = ['bit', 'byte', 'kbit'] as const;

test.each(units.flatMap((rates) => units.map((lists) => [rates, lists] as const)))(
  'finds nothing if the config has the units of the provider: history %s, list %s',
  async (rates, lists) => {
    const { code, out, requests } = await runOnSimulator({
      scenario: `
name: units
alibaba: {bitrate_unit: ${rates}, domain_bitrate_unit: ${lists}}
streams: [{name: "cam-{n}", count: 20, api: alibaba, domain: play.example.com}]
domains: [{name: play.example.com, push_domains: [push.example.com]}]
`,
      config: asFleet,
    });

    expect(out).toMatch(/DescribeLiveDomainFrameRateAndBitRateData +ok, 20 live +-$/m);
    expect(out).toMatch(/DescribeLiveStreamPushMetricDetailData +ok, 58 minutes +-$/m);
    expect([code, causesIn(out)]).toEqual([0, []]);
    expect(requests.DescribeLiveStreamPushMetricDetailData).toBe(1);
  },
);

test('requests no push metrics if no stream is live', async () => {
  const { code, out, requests } = await runOnSimulator({
    scenario: `
name: idle
streams: [{name: cam-1, api: alibaba, domain: play.example.com, start: never}, {name: cam-2, api: alibaba, domain: play.example.com, stop: 5m}]
`,
  });

  expect(code).toBe(0);
  expect(out).not.toContain('PushMetric');
  expect(requests).toMatchObject({ DescribeLiveCenterStreamRateData: expect.any(Number) });
  expect(requests).not.toHaveProperty('DescribeLiveStreamPushMetricDetailData');
});

test.each([
  [403, 'NoPermission', 'permission'],
  [503, 'Throttling', 'throttled'],
  [503, 'ServiceUnavailable', 'server_error'],
  [404, 'InvalidDomain.NotFound', 'domain_not_found'],
])('remarks push metrics that fail with %s %s, because the exporter works without them', async (...row) => {
  const [status, errorCode, cause] = row;
  const { code, out } = await runOnSimulator({
    scenario,
    intercept: only('DescribeLiveStreamPushMetricDetailData', alibabaError(errorCode, status)),
  });

  expect(out).toMatch(/DescribeLiveStreamPushMetricDetailData +failed +remark \[1\]$/m);
  expect([code, causesIn(out)]).toEqual([0, [cause]]);
  expect(out.replaceAll(/\n +/g, ' ')).toContain(
    'the exporter works without DescribeLiveStreamPushMetricDetailData',
  );
  expect(out.includes('"live:DescribeLiveStreamPushMetricDetailData"')).toBe(cause === 'permission');
});

test('remarks push metrics that contradict themselves, and concludes nothing from them', async () => {
  let query = new URLSearchParams();
  const { code, out } = await runOnSimulator({
    scenario,
    intercept(operation, response, { url = '' }) {
      if (operation !== 'DescribeLiveStreamPushMetricDetailData') return false;
      query = new URL(url, 'http://host').searchParams;
      const [AppName, StreamName, TimeStamp] = ['live', 'cam-1', '2026-03-01T11:55:00Z'];
      const StreamData = [{ AppName, StreamName, TimeStamp, ReqBps: 312_500, ReqTraffic: 18_750_000 }];
      return alibabaAnswer({ StreamDetailData: { StreamData } })(response);
    },
  });

  expect([code, causesIn(out)]).toEqual([0, ['unit']]);
  expect(Object.fromEntries(query)).toMatchObject({
    ...{ DomainName: 'push.example.com', AppName: 'live', StreamName: 'cam-1' },
    ...{ StartTime: '2026-03-01T11:00:00Z', EndTime: '2026-03-01T12:00:00Z' },
  });
  expect(out).toMatch(/DescribeLiveCenterStreamRateData +ok, data 3s old +-$/m);
  expect(out).toMatch(/DescribeLiveStreamPushMetricDetailData +ok, 1 minute +remark \[1\]$/m);
  expect(out.replaceAll(/\n +/g, ' ')).toContain('so other bit rates were not compared with them');
  expect(out).not.toContain('bitrate_unit');
});
