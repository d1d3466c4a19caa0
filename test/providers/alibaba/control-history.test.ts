import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { HttpResponse } from '../../../src/calls/call.ts';
import { describeControlHistory } from '../../contract/control-history.ts';
import {
  answerOf,
  domain,
  forbidden,
  record,
  resumed,
  rows,
  sourceOf,
  stored,
  window,
} from '../../support/alibaba-control-history.ts';
import { fixture, httpResponse } from '../recorded.ts';

for (const signature of ['v1', 'v3'] as const) {
  describeControlHistory(`DescribeLiveStreamsControlHistory with signature ${signature}`, {
    sourceOf: (http) => sourceOf(http, signature),
    domain,
    window,
    actions: [forbidden, resumed],
    malformed: 13,
    secrets: ['testid', 'testsecret', 'STS', 'Signature=', 'live.example.com', '1234567890123456'],
    responses: {
      actions: stored('list.json'),
      empty: [
        stored('no-data-empty-list.json'),
        stored('no-data-no-list.json'),
        stored('no-data-null-list.json'),
        stored('no-data-empty-text-list.json'),
        stored('no-data-empty-object-list.json'),
        stored('no-data-no-wrapper.json'),
        stored('no-data-null-wrapper.json'),
        stored('no-data-empty-text-wrapper.json'),
        stored('no-data-empty-list-wrapper.json'),
        stored('no-data-closed.xml'),
        stored('no-data-empty.xml'),
        stored('no-data-absent.xml'),
      ],
      equalRows: stored('equal-records.json'),
      badRows: stored('bad-rows.json'),
      onlyBadRows: stored('only-bad-rows.json'),
      outsideWindow: rows(
        record({ TimeStamp: '2025-07-06T16:00:00Z' }),
        record({ TimeStamp: '2025-07-07T20:00:00Z' }),
      ),
      failures: {
        auth: [
          failed('signature-does-not-match.json', 400),
          failed('signature-does-not-match.json', 403),
          failed('access-key-not-found.xml', 404),
          failed('clock-skew.json', 400),
          failed('nonce-used.json', 400),
          failed('ram-denial.json', 403),
        ],
        refused: [
          failed('start-time-malformed.json', 400),
          failed('end-time-malformed.json', 400),
          failed('end-time-mismatch.json', 400),
          failed('small-letters.json', 403),
          failed('unknown-code.json', 400),
          httpResponse('', { status: 404 }),
        ],
        throttled: [
          failed('throttling-user.json', 400),
          failed('throttling-user.json', 429),
          failed('throttling-user.json', 503),
          failed('throttling-api.xml', 400),
          httpResponse('', { status: 429 }),
        ],
        unavailable: [failed('internal-error.json', 500), failed('bad-gateway.txt', 502)],
        malformed: [
          stored('unknown-wrapper.json'),
          stored('unknown-list.json'),
          stored('other-records.json'),
          stored('not-alibaba.json'),
          stored('message-only.json'),
          stored('message-and-null.json'),
          stored('message-only.xml'),
          stored('message-and-empty.xml'),
          stored('other-operation.xml'),
          stored('truncated-json.txt'),
          stored('truncated-xml.txt'),
          failed('bad-gateway.txt', 200),
          failed('without-code.xml', 200),
          httpResponse(''),
        ],
      },
    },
  });
}

test.each(['descending.json', 'list-without-wrapper.json', 'unknown-fields.json', 'list.xml'])(
  'reads the same actions from %s',
  async (name) => {
    const { items, malformed, warnings } = await answerOf(stored(name));

    expect(items.toSorted((a, b) => a.actedAt - b.actedAt)).toEqual([forbidden, resumed]);
    expect([malformed, warnings]).toEqual([0, []]);
  },
);

test.each(['one-record-in-list.json', 'one-record-as-object.json', 'one-record.xml'])(
  'reads one action from %s',
  async (name) => {
    await expect(answerOf(stored(name))).resolves.toEqual({ items: [forbidden], malformed: 0, warnings: [] });
  },
);

test.each(['seed-example.json', 'seed-example.xml'])('reads the documented example in %s', async (name) => {
  const asked = { from: Date.UTC(2015, 11, 1), to: Date.UTC(2015, 11, 2) };

  await expect(answerOf(stored(name), domain, asked)).resolves.toEqual({
    items: [
      {
        actedAt: Date.UTC(2015, 11, 1, 16, 36, 18),
        domain: 'test101.aliyunlive.com',
        appName: 'diaoliang',
        stream: 'dd',
        action: 'forbid',
        clientIp: '10.207.197.201',
      },
    ],
    malformed: 0,
    warnings: [],
  });
});

test('reads the same actions from JSON and XML, whatever the names', async () => {
  const text = fc.string({ unit: fc.constantFrom(...'aB7/ &<>"\';#x4新🎥') });
  const recordPart = fc.record({ Action: text, StreamName: text, ClientIP: text });
  const escaped = (value: string) => value.replace(/[&<>]/g, (char) => `&#${char.charCodeAt(0)};`);

  await fc.assert(
    fc.asyncProperty(fc.array(recordPart, { minLength: 1, maxLength: 4 }), async (parts) => {
      const records = [record(), ...parts.map((part) => record(part))];
      const elements = records.map((fields) => {
        const children = Object.entries(fields).map(
          ([name, value]) => `<${name}>${escaped(value)}</${name}>`,
        );
        return `<LiveStreamControlInfo>${children.join('')}</LiveStreamControlInfo>`;
      });
      const root = 'DescribeLiveStreamsControlHistoryResponse';
      const xml = `<${root}><ControlInfo>${elements.join('')}</ControlInfo></${root}>`;

      expect(await answerOf(httpResponse(xml))).toEqual(await answerOf(rows(...records)));
    }),
  );
});

test.each([
  [99, 0],
  [100, 1],
  [101, 0],
  [500, 1],
  [1000, 1],
])('warns about a possible truncation for %d records: %d', async (count, warnings) => {
  const answer = await answerOf(rows(...Array.from({ length: count }, () => record())));

  expect(answer.items).toHaveLength(count);
  expect(answer.warnings).toEqual(
    warnings === 0
      ? []
      : [
          'the number of records in the response is a multiple of 100: the provider possibly truncated the response, so actions can be missing',
        ],
  );
});

function failed(name: string, status: number): HttpResponse {
  return httpResponse(fixture(`alibaba/error.${name}`), { status });
}
