import { expect, test } from 'vitest';
import type { HttpResponse } from '../../../src/calls/call.ts';
import {
  answering,
  body,
  failed,
  never,
  rates,
  row,
  sourcesOf,
  stream,
  window,
} from '../../support/alibaba-push.ts';
import { noon } from '../../support/samples.ts';
import { fixture, httpResponse } from '../recorded.ts';

const hour = 3_600_000;
const mapping = 'DescribeLiveDomainMapping';
const stored = httpResponse(fixture(`alibaba/${mapping}.three-kinds.json`));

function models(...list: readonly unknown[]): HttpResponse {
  return body({ LiveDomainModels: { LiveDomainModel: list } });
}

/** Sets up an account whose mapping of domains is the return value of `answer`. */
function setUp(answer: () => HttpResponse) {
  let now = noon;
  const { sent, call } = answering(({ operation }) => (operation === mapping ? answer() : rates(row)));
  const sources = sourcesOf(call, { configured: {}, now: () => now });
  return {
    ...sources,
    requests: () => sent.splice(0).filter(({ operation }) => operation === mapping).length,
    pass: (ms: number) => {
      now += ms;
    },
    sampleDomainsOf: (part: Partial<typeof stream> = {}) =>
      sources.pushDomains.sampleDomainsOf({ ...stream, ...part }, never).then(({ domains }) => domains),
  };
}

test('finds the ingest domains of a main streaming domain', async () => {
  const { sampleDomainsOf } = setUp(() => stored);

  expect(await sampleDomainsOf()).toEqual(['push-b.example.com', 'push.example.com']);
});

test.each([
  ['a domain without an ingest domain', models({ DomainName: 'play.example.com', Type: 'vhost' })],
  ['an empty mapping', body({ LiveDomainModels: {} })],
])('uses the main streaming domain itself for %s', async (_what, response) => {
  expect(await setUp(() => response).sampleDomainsOf()).toEqual(['play.example.com']);
});

test('warns of an ingest domain in place of the main streaming domain, and uses it', async () => {
  const { pushDomains } = setUp(() => stored);

  const { domains, warnings } = await pushDomains.sampleDomainsOf(
    { ...stream, domain: 'push.example.com' },
    never,
  );

  expect(domains).toEqual(['push.example.com']);
  expect(warnings).toEqual([expect.stringContaining('write its main streaming domain (play.example.com)')]);
});

test.each([
  ['no name', { Type: 'publish' }],
  ['no type', { DomainName: 'push.example.com' }],
  ['a name that is too long for a domain', { DomainName: 'a'.repeat(254), Type: 'publish' }],
  ['a name of two lines', { DomainName: 'push.example.com\nlevel=error', Type: 'publish' }],
  ['an invisible character in the name', { DomainName: 'push\u202e.example.com', Type: 'publish' }],
  ['a text', 'push.example.com'],
])('rejects a mapping with a row with %s, because streams could be missed', async (_what, bad) => {
  const good = { DomainName: 'play.example.com', Type: 'vhost' };

  await expect(setUp(() => models(good, bad)).sampleDomainsOf()).rejects.toMatchObject({
    kind: 'malformed',
    message: `alibaba ${mapping}: unexpected response shape at LiveDomainModels`,
  });
});

test('requests the mapping once an hour, for all streams of the domain at once', async () => {
  const { sampleDomainsOf, requests, pass } = setUp(() => stored);

  await Promise.all([sampleDomainsOf(), sampleDomainsOf({ stream: 'b' }), sampleDomainsOf({ stream: 'c' })]);
  await sampleDomainsOf();
  expect(requests()).toBe(1);
  pass(hour - 1);
  await sampleDomainsOf();
  expect(requests()).toBe(0);
  pass(1);
  await sampleDomainsOf();
  expect(requests()).toBe(1);
  await sampleDomainsOf({ domain: 'other.example.com' });
  expect(requests()).toBe(1);
});

test('keeps a known mapping if a new one cannot be requested, and requests it again after a minute', async () => {
  let response = stored;
  const { sampleDomainsOf, requests, pass } = setUp(() => response);
  const before = await sampleDomainsOf();
  response = failed('InternalError', 500);
  pass(hour);

  expect(await sampleDomainsOf()).toEqual(before);
  expect(await sampleDomainsOf()).toEqual(before);
  expect(requests()).toBe(2);
  response = models({ DomainName: 'new.example.com', Type: 'publish' });
  pass(60_000);
  await sampleDomainsOf();
  await Promise.resolve();
  await expect.poll(() => sampleDomainsOf()).toEqual(['new.example.com']);
});

test('forgets a mapping that nobody has requested for a day', async () => {
  let response = stored;
  const { sampleDomainsOf, pass } = setUp(() => response);
  await sampleDomainsOf();
  pass(25 * hour);
  await sampleDomainsOf({ domain: 'other.example.com' });
  response = models({ DomainName: 'new.example.com', Type: 'publish' });

  expect(await sampleDomainsOf()).toEqual(['new.example.com']);
});

test('rejects without a mapping, and does not request it again at once', async () => {
  const { sampleDomainsOf, requests, pass } = setUp(() => failed('NoPermission', 403));

  for (let n = 0; n < 3; n++) {
    await expect(sampleDomainsOf({ stream: `room-${n}` })).rejects.toMatchObject({
      kind: 'auth',
      message: expect.stringContaining(`grant the permission live:${mapping}`),
    });
  }
  expect(requests()).toBe(1);
  pass(10_000);
  await expect(sampleDomainsOf()).rejects.toMatchObject({ kind: 'auth' });
  expect(requests()).toBe(1);
});

test('requests the mapping again as soon as a clock that was ahead is corrected', async () => {
  let response = failed('InvalidTimeStamp.Format');
  const { sampleDomainsOf, pass } = setUp(() => response);
  pass(hour / 2);
  await expect(sampleDomainsOf()).rejects.toMatchObject({ kind: 'auth', reason: 'clock' });
  response = stored;
  pass(-hour / 2);

  expect(await sampleDomainsOf()).toEqual(['push-b.example.com', 'push.example.com']);
});

test('prefers the domains of the config to the list of live streams, and both to the mapping', async () => {
  const { call, sent } = answering(() => stored);
  const configured = { 'play.example.com': ['own.example.com'] };
  const { pushDomains } = sourcesOf(call, { configured });
  const listed = { ...stream, domain: 'other.example.com' };

  pushDomains.ofListed(stream)(stream.stream, 'push.example.com');
  pushDomains.ofListed(listed)(listed.stream, 'push.example.com');

  expect((await pushDomains.sampleDomainsOf(stream, never)).domains).toEqual(['own.example.com']);
  expect((await pushDomains.sampleDomainsOf(listed, never)).domains).toEqual(['push.example.com']);
  expect(sent).toEqual([]);
});

test('forgets the ingest domain of a stream that was not listed for two hours', async () => {
  const { pushDomains, sampleDomainsOf, pass } = setUp(() => stored);
  pushDomains.ofListed(stream)(stream.stream, 'listed.example.com');
  for (let n = 0; n < 2; n++) {
    pass(hour);
    pushDomains.ofListed(stream)('other', 'listed.example.com');
    expect(await sampleDomainsOf()).toEqual(
      n === 0 ? ['listed.example.com'] : ['push-b.example.com', 'push.example.com'],
    );
  }
});

test('the samples of a stream name the ingest domain of the mapping', async () => {
  const { push } = setUp(() => models({ DomainName: 'push.example.com', Type: 'publish' }));

  const { items } = await push.listPushSamples(
    { ...stream, account: 'a', provider: 'alibaba' },
    window,
    never,
  );

  expect(items).toMatchObject([{ media: { pushDomain: 'push.example.com' } }]);
});
