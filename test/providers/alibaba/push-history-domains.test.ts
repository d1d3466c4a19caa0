import { expect, test } from 'vitest';
import type { HttpResponse } from '../../../src/calls/call.ts';
import {
  answering,
  failed,
  identity,
  later,
  media,
  never,
  only,
  rates,
  row,
  sourcesOf,
  window,
} from '../../support/alibaba-push.ts';
import { noon } from '../../support/samples.ts';
import { httpResponse } from '../recorded.ts';

/** Answers with one row for `domain`, and without rows or with `others` for other domains. */
function onlyAt(domain: string, others: HttpResponse = rates()) {
  return answering(({ query }) => (query.DomainName === domain ? rates(row) : others));
}

const domainsOf = (sent: readonly { readonly query: object }[]) =>
  sent.map(({ query }) => ('DomainName' in query ? query.DomainName : undefined));

test('requests the main streaming domain too, until an ingest domain has returned a sample', async () => {
  let hasRows = false;
  const { sent, call } = answering(({ query }) =>
    hasRows && query.DomainName === 'push.example.com' ? rates(row) : rates(),
  );
  const { push } = sourcesOf(call);
  const ask = () => push.listPushSamples(identity, window, never);

  expect((await ask()).items).toEqual([]);
  expect(domainsOf(sent.splice(0))).toEqual(['push.example.com', 'play.example.com']);
  hasRows = true;
  expect((await ask()).items).toEqual([only]);
  hasRows = false;
  expect((await ask()).items).toEqual([]);
  expect(domainsOf(sent)).toEqual(['push.example.com', 'push.example.com']);
});

test('stays with the main streaming domain once it has returned a sample', async () => {
  const { sent, call } = onlyAt('play.example.com');
  const { push } = sourcesOf(call);

  for (let n = 0; n < 2; n++) {
    expect((await push.listPushSamples(identity, window, never)).items).toEqual([
      { ...only, media: { ...media, pushDomain: 'play.example.com' } },
    ]);
  }
  expect(domainsOf(sent)).toEqual(['push.example.com', 'play.example.com', 'play.example.com']);
});

test('looks for each stream in both kinds of domains, because some can be pushed to the main streaming domain', async () => {
  const places = new Map([
    ['room-1', 'play.example.com'],
    ['room-2', 'push.example.com'],
  ]);
  const { sent, call } = answering(({ query }) =>
    places.get(String(query.StreamName)) === query.DomainName ? rates(row) : rates(),
  );
  const { push } = sourcesOf(call);
  const isFound = async (stream: string) =>
    (await push.listPushSamples({ ...identity, stream }, window, never)).items.length > 0;

  expect([await isFound('room-1'), await isFound('room-1')]).toEqual([true, true]);
  // It is pushed to the ingest domain from now on.
  places.set('room-1', 'push.example.com');
  expect([await isFound('room-1'), await isFound('room-2')]).toEqual([true, true]);
  expect(domainsOf(sent)).toEqual([
    ...['push.example.com', 'play.example.com', 'play.example.com'],
    ...['play.example.com', 'push.example.com', 'push.example.com'],
  ]);
});

test('keeps to the main streaming domain for a stream that was found there, whatever other streams show', async () => {
  const { call } = answering(({ query }) =>
    query.DomainName === (query.StreamName === 'room-1' ? 'play.example.com' : 'push.example.com')
      ? rates(row)
      : rates(),
  );
  const { push } = sourcesOf(call);

  for (const stream of ['room-1', 'room-2', 'room-1']) {
    expect((await push.listPushSamples({ ...identity, stream }, window, never)).items).toHaveLength(1);
  }
});

test('rejects if the main streaming domain, where the stream was found, refuses the request', async () => {
  let refusal: HttpResponse | undefined;
  const { call } = answering(({ query }) =>
    query.DomainName === 'push.example.com' ? rates() : (refusal ?? rates(row)),
  );
  const { push } = sourcesOf(call);
  await push.listPushSamples(identity, window, never);
  refusal = failed('NoPermission', 403);

  for (let n = 0; n < 2; n++) {
    await expect(push.listPushSamples(identity, window, never)).rejects.toMatchObject({ kind: 'auth' });
  }
});

test('requests only the main streaming domain once the ingest domain was refused and it had rows', async () => {
  const { sent, call } = onlyAt('play.example.com', failed('IllegalOperation', 403));
  const { push } = sourcesOf(call);

  for (const stream of ['a', 'b']) {
    expect((await push.listPushSamples({ ...identity, stream }, window, never)).items).toHaveLength(1);
  }
  expect(domainsOf(sent)).toEqual(['push.example.com', 'play.example.com', 'play.example.com']);
});

test.each([failed('IllegalOperation', 403), failed('NoPermission', 403)])(
  'takes the refusal of the main streaming domain as an answer: the ingest domain is right',
  async (refusal) => {
    const { sent, call } = answering(({ query }) =>
      query.DomainName === 'push.example.com' ? rates() : refusal,
    );
    const { push } = sourcesOf(call);

    for (let n = 0; n < 2; n++)
      expect((await push.listPushSamples(identity, window, never)).items).toEqual([]);
    expect(domainsOf(sent)).toEqual(['push.example.com', 'play.example.com', 'push.example.com']);
  },
);

test('rejects if the main streaming domain fails otherwise, because the stream can be there', async () => {
  const { call } = answering(({ query }) =>
    query.DomainName === 'push.example.com' ? rates() : failed('InternalError', 500),
  );

  await expect(sourcesOf(call).push.listPushSamples(identity, window, never)).rejects.toMatchObject({
    kind: 'unavailable',
  });
});

test.each([
  ['auth', failed('InvalidAccessKeyId.Inactive')],
  ['auth', failed('InvalidSecurityToken.Expired')],
  ['refused', failed('InvalidIdentity.ServiceDisabled')],
  ['refused', httpResponse('<html>moved</html>', { status: 404 })],
])('learns no kind of domain from a failure that has another reason', async (kind, failure) => {
  for (const failing of ['play.example.com', 'push.example.com']) {
    let hasFailed = false;
    const { call } = answering(({ query }) => {
      const isFailing = !hasFailed && query.DomainName === failing;
      hasFailed ||= isFailing;
      return isFailing ? failure : query.DomainName === 'play.example.com' ? rates(row) : rates();
    });
    const { push } = sourcesOf(call);

    await expect(push.listPushSamples(identity, window, never)).rejects.toMatchObject({ kind });
    expect((await push.listPushSamples(identity, window, never)).items).toHaveLength(1);
  }
});

test('rejects with the refusal of the ingest domain if the main streaming domain has no rows', async () => {
  const { call } = answering(({ query }) =>
    query.DomainName === 'push.example.com' ? failed('IllegalOperation', 403) : rates(),
  );

  await expect(sourcesOf(call).push.listPushSamples(identity, window, never)).rejects.toMatchObject({
    kind: 'refused',
    message: expect.stringContaining('needs an ingest domain'),
  });
});

test('uses the main streaming domain if only it has rows and the ingest domain is refused', async () => {
  const { call } = onlyAt('play.example.com', failed('IllegalOperation', 403));

  expect((await sourcesOf(call).push.listPushSamples(identity, window, never)).items).toHaveLength(1);
});

test('joins the samples of several ingest domains, each time once', async () => {
  const { sent, call } = answering(({ query }) =>
    query.DomainName === 'a.example.com' ? rates(row) : rates(row, later, {}),
  );
  const { push } = sourcesOf(call, {
    configured: { 'play.example.com': ['a.example.com', 'b.example.com'] },
  });

  const { items, malformed, malformedUpTo } = await push.listPushSamples(identity, window, never);

  expect(items.map(({ measuredAt }) => measuredAt - noon)).toEqual([0, 5_000]);
  expect([malformed, malformedUpTo]).toEqual([1, undefined]);
  expect(domainsOf(sent)).toEqual(['a.example.com', 'b.example.com']);
});

test('rejects if one of several ingest domains fails', async () => {
  const { call } = onlyAt('a.example.com', failed('InternalError', 500));
  const { push } = sourcesOf(call, {
    configured: { 'play.example.com': ['a.example.com', 'b.example.com'] },
  });

  await expect(push.listPushSamples(identity, window, never)).rejects.toMatchObject({ kind: 'unavailable' });
});
