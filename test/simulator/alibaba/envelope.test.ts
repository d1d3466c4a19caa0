import { expect, test } from 'vitest';
import { v1Call, v3Call } from './caller.ts';
import { bodyOf, createApi, documentOf, now } from './support.ts';

test('returns documented XML if the request names no format', () => {
  const handled = createApi()(v1Call({ now, but: { Format: undefined }, history: { AppName: 'live' } }), now);
  const { headers, text } = documentOf(handled);

  expect(headers['content-type']).toBe('text/xml;charset=utf-8');
  expect(text).toBe(
    '<?xml version="1.0" encoding="UTF-8"?><DescribeLiveStreamsControlHistoryResponse><ControlInfo>' +
      '<LiveStreamControlInfo><Action>forbid</Action><ClientIP>192.0.2.5</ClientIP>' +
      '<StreamName>play.example.com/live/cam1</StreamName><TimeStamp>2023-11-14T22:14:20Z</TimeStamp>' +
      '</LiveStreamControlInfo></ControlInfo>' +
      `<RequestId>${headers['x-acs-request-id']}</RequestId></DescribeLiveStreamsControlHistoryResponse>`,
  );
});

test.each([
  ['V1 with Format=json', v1Call({ now, but: { Format: 'json' } }), 'json'],
  ['V1 with Format=XML', v1Call({ now, but: { Format: 'XML' } }), 'xml'],
  ['V1 without Format', v1Call({ now, but: { Format: undefined } }), 'default'],
  ['V3 that accepts application/json', v3Call({ now }), 'json'],
  ['V3 that accepts application/xml', v3Call({ now, but: { accept: 'application/xml' } }), 'xml'],
  ['V3 that accepts anything', v3Call({ now, but: { accept: '*/*' } }), 'default'],
])('responds to %s in %s', (_, call, format) => {
  for (const byDefault of ['xml', 'json']) {
    const { headers } = documentOf(createApi(`default_format: ${byDefault}`)(call, now));
    expect(headers['content-type']).toContain(format === 'default' ? byDefault : format);
  }
});

test('escapes special characters of XML', () => {
  const handled = createApi('', '[{at: 1m, stream: "a<b>&c", action: forbid}]')(
    v1Call({ now, but: { Format: 'xml' } }),
    now,
  );

  expect(documentOf(handled).text).toContain(
    '<StreamName>play.example.com/live/a&lt;b&gt;&amp;c</StreamName>',
  );
});

test('returns a failure in the shape of the gateway and the format of the request', () => {
  const history = { DomainName: 'other.example.com' };
  const inJson = createApi()(v1Call({ now, history }), now);
  const inXml = createApi()(v1Call({ now, history, but: { Format: 'xml' } }), now);
  const id = documentOf(inJson).headers['x-acs-request-id'];

  expect(bodyOf(inJson)).toEqual({
    Code: 'InvalidDomain.NotFound',
    HostId: 'simulator',
    Message: 'The domain does not exist in this account.',
    Recommend: `https://api.aliyun.com/troubleshoot?q=InvalidDomain.NotFound&product=live&requestId=${id}`,
    RequestId: id,
  });
  expect(documentOf(inXml)).toMatchObject({
    status: 404,
    headers: { 'content-type': 'text/xml;charset=utf-8' },
  });
  expect(documentOf(inXml).text).toBe(
    '<?xml version="1.0" encoding="UTF-8"?><Error><Code>InvalidDomain.NotFound</Code><HostId>simulator</HostId>' +
      '<Message>The domain does not exist in this account.</Message>' +
      `<Recommend>https://api.aliyun.com/troubleshoot?q=InvalidDomain.NotFound&amp;product=live&amp;requestId=${id}</Recommend>` +
      `<RequestId>${id}</RequestId></Error>`,
  );
});
