import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ProviderError } from '../../src/model/answer.ts';
import { createAlibabaCall } from '../../src/providers/alibaba/call.ts';
import { createAlibabaControlHistory } from '../../src/providers/alibaba/control-history.ts';
import { createStatcgiCall } from '../../src/providers/tencent/statcgi/call.ts';
import { createStatcgiPushHistory } from '../../src/providers/tencent/statcgi/push-history.ts';
import { inOneSlice } from '../support/slices.ts';
import { waitFor } from '../support/wait-for.ts';
import { type FaultProxy, startFaultProxy } from './fault-proxy.ts';
import { type Fault, windowKinds } from './faults.ts';
import { cutRows, readWindowRequest } from './window-faults.ts';
import { type CannedResponse, gatewayFault, htmlPage, throttledResponse, wrongJson } from './words.ts';

const complete = JSON.stringify({ rows: Array.from({ length: 20 }, (_, n) => n) });
let requested: string[] = [];
let simulator: Server;
let target = '';

beforeAll(async () => {
  simulator = createServer((request, response) => {
    requested.push(`${request.headers.host} ${request.url}`);
    response.writeHead(200, { 'content-type': 'application/json', 'x-upstream': 'yes' }).end(complete);
  });
  simulator.listen(0, '127.0.0.1');
  await once(simulator, 'listening');
  // The address of a server that listens on a port is an object.
  target = `http://127.0.0.1:${(simulator.address() as AddressInfo).port}`;
});
afterAll(() => {
  simulator.close();
  simulator.closeAllConnections();
});

/** Starts a proxy with this fault for every request; slow responses take only 16 ms. */
function proxyWith(fault: Fault | undefined): Promise<FaultProxy> {
  requested = [];
  return startFaultProxy({ target, nextFault: () => fault, slowMs: () => 16 });
}

/** Sends one request and records the response and the end of the connection. */
function callOn(proxy: FaultProxy, path = '/common_access?a=1') {
  const { hostname, port } = new URL(proxy.url);
  const socket: Socket = connect({ host: hostname, port: Number(port), allowHalfOpen: true });
  const got = { text: '', end: '' };
  socket.on('data', (chunk) => {
    got.text += String(chunk);
  });
  socket.on('end', () => {
    got.end ||= 'closed';
  });
  socket.on('error', () => {
    got.end ||= 'reset';
  });
  socket.write(`GET ${path} HTTP/1.1\r\nHost: provider.example:80\r\n\r\n`);
  return { socket, got };
}

test('forwards a request without a fault with its original Host header', async () => {
  await using proxy = await proxyWith(undefined);

  const { socket, got } = callOn(proxy);

  await waitFor('the response', () => got.text.endsWith(complete) || undefined);
  expect(got.text).toMatch(/^HTTP\/1.1 200 OK\r\n/);
  expect(got.text).toContain('x-upstream: yes');
  expect(requested).toEqual(['provider.example:80 /common_access?a=1']);
  expect(proxy.inflicted).toEqual([]);
  socket.destroy();
});

test.each(['before', 'after'] as const)('reset, %s: closes the connection', async (moment) => {
  await using proxy = await proxyWith({ kind: 'reset', moment, form: 0 });

  const { got } = callOn(proxy);

  await waitFor('the end of the connection', () => got.end || undefined);
  expect(got).toEqual({ text: '', end: 'reset' });
  expect(requested).toHaveLength(moment === 'after' ? 1 : 0);
  expect(proxy.inflicted).toEqual([{ provider: 'tencent', kind: 'reset', moment }]);
});

test.each(['before', 'after'] as const)(
  'stall, %s: sends nothing until the client closes the connection',
  async (moment) => {
    await using proxy = await proxyWith({ kind: 'stall', moment, form: 0 });

    const { socket, got } = callOn(proxy, '/?Action=x');

    await waitFor('the fault', () => proxy.inflicted.length || undefined);
    expect(proxy.waiting()).toBe(1);
    expect(got).toEqual({ text: '', end: '' });
    expect(requested).toHaveLength(moment === 'after' ? 1 : 0);
    expect(proxy.inflicted).toEqual([{ provider: 'alibaba', kind: 'stall', moment }]);
    socket.end();
    await waitFor('the proxy to close the connection', () => got.end || undefined);
    expect(proxy.waiting()).toBe(0);
  },
);

test('half-open: does not close the connection until the proxy stops', async () => {
  const proxy = await proxyWith({ kind: 'half_open', moment: 'after', form: 0 });
  const { socket, got } = callOn(proxy);
  await waitFor('the fault', () => proxy.inflicted.length || undefined);

  socket.end();
  await waitFor('the proxy to see it', () => proxy.waiting() === 0 || undefined);
  // The connection is still open after another complete request.
  await using other = await proxyWith(undefined);
  const second = callOn(other);
  await waitFor('the response', () => second.got.text.endsWith(complete) || undefined);
  second.socket.destroy();
  expect(got).toEqual({ text: '', end: '' });

  await proxy[Symbol.asyncDispose]();
  await waitFor('the end of the connection', () => got.end || undefined);
});

test('slow: sends the complete response in chunks', async () => {
  await using proxy = await proxyWith({ kind: 'slow', moment: 'after', form: 0 });
  const { socket, got } = callOn(proxy);
  let chunks = 0;
  socket.on('data', () => chunks++);

  await waitFor('the response', () => got.text.endsWith(complete) || undefined);

  expect(got.text).toContain(`content-length: ${complete.length}`);
  expect(chunks).toBeGreaterThan(2);
  socket.destroy();
});

test.each([
  [0, 'half of the body, sent as complete', `content-length: ${Math.floor(complete.length / 2)}`, ''],
  [0.5, 'too large a Content-Length', `content-length: ${complete.length}`, 'closed'],
  [0.9, 'chunks without the last chunk', 'transfer-encoding: chunked', 'reset'],
])('truncated, with form %d: sends %s', async (form, _, head, end) => {
  await using proxy = await proxyWith({ kind: 'truncated', moment: 'after', form });
  const { socket, got } = callOn(proxy);

  const half = complete.slice(0, Math.floor(complete.length / 2));
  await waitFor('the half', () => (got.text.includes(half) && got.end === end) || undefined);

  expect(got.text.toLowerCase()).toContain(head);
  expect(got.text).not.toContain(complete);
  socket.destroy();
});

test('does not record a fault for a client that was killed in the meantime', async () => {
  const { promise: answering, resolve: answer } = Promise.withResolvers<void>();
  const slow = createServer((_, response) => void answering.then(() => response.end('{}')));
  slow.listen(0, '127.0.0.1');
  await once(slow, 'listening');
  // The address of a server that listens on a port is an object.
  const { port } = slow.address() as AddressInfo;
  const faults: Fault[] = [{ kind: 'html', moment: 'after', form: 0 }];
  await using proxy = await startFaultProxy({
    target: `http://127.0.0.1:${port}`,
    nextFault: () => faults.pop(),
  });
  const killed = callOn(proxy);
  await waitFor('the call', () => proxy.arrived() || undefined);

  killed.socket.resetAndDestroy();
  await waitFor('the proxy to see it', () => proxy.waiting() === 0 || undefined);
  const other = callOn(proxy);
  answer();
  await waitFor('the answer to a later call', () => other.got.text.endsWith('{}') || undefined);
  other.socket.destroy();
  slow.close();

  expect(proxy.inflicted).toEqual([]);
});

/** Returns the failure kind with which the exporter rejects a response; 'answer' if it accepts the response. */
async function resultOf(
  provider: 'tencent' | 'alibaba',
  { status, headers, body }: CannedResponse,
): Promise<string> {
  const http = async () => ({ status, headers, text: body });
  const now = () => Date.UTC(2026, 0, 5);
  const window = { from: now() - 60_000, to: now() };
  const { signal } = new AbortController();
  const answer =
    provider === 'tencent'
      ? createStatcgiPushHistory(
          createStatcgiCall({
            http,
            endpoint: 'http://x/',
            appId: 1,
            getCredentials: () => ({ key: 'k' }),
            now,
          }),
          { timeZoneOffsetMs: 0 },
        ).listPushSamples({ account: 'a', provider, domain: '', appName: '', stream: 's' }, window, signal)
      : createAlibabaControlHistory(
          createAlibabaCall({
            http,
            endpoint: 'http://x',
            getCredentials: () => ({ accessKeyId: 'i', accessKeySecret: 's', securityToken: undefined }),
            signature: 'v3',
            format: 'json',
            now,
            nonce: () => 'n',
            inSlices: inOneSlice,
          }),
          { now },
        ).listControlActions({ domain: 'd', appName: undefined }, window, signal);
  return answer.then(
    () => 'answer',
    (error: unknown) => (error instanceof ProviderError ? error.kind : String(error)),
  );
}

const forms = Array.from({ length: 40 }, (_, n) => n / 40);

test.each(['tencent', 'alibaba'] as const)(
  'makes %s reject all wrong responses with the expected failure kind',
  async (provider) => {
    const kinds = async (responseOf: (form: number) => CannedResponse) =>
      [...new Set(await Promise.all(forms.map((form) => resultOf(provider, responseOf(form)))))].sort();

    expect(await kinds((form) => wrongJson(provider, form))).toEqual(['malformed']);
    expect(await kinds((form) => throttledResponse(provider, form))).toEqual(['throttled']);
    expect(await kinds(gatewayFault)).toEqual(['unavailable']);
    expect(await kinds(htmlPage)).toEqual(['malformed']);
  },
);

const rowsFrom = (times: readonly number[]) => times.map((time) => ({ time, fps: 25 }));

test.each([
  ['object', (rows: unknown) => ({ ret: 0, output: { stream_info: rows } })],
  ['array', (rows: unknown) => ({ ret: 0, output: [{ stream_info: rows }] })],
  ['rows', (rows: unknown) => ({ ret: 0, output: rows })],
  ['text', (rows: unknown) => ({ ret: 0, output: JSON.stringify({ stream_info: rows }) })],
])('cuts the oldest or the newest rows of the shape %s', (_, toBody) => {
  // Doubled rows are at the end of a response.
  const body = JSON.stringify(toBody(rowsFrom([1, 2, 3, 4, 2])));

  expect(cutRows(body, 'oldest_cut', 3)).toBe(JSON.stringify(toBody(rowsFrom([2, 3, 4]))));
  expect(cutRows(body, 'newest_cut', 3)).toBe(JSON.stringify(toBody(rowsFrom([1, 2, 2]))));
  expect(cutRows(body, 'newest_cut', 5)).toBeUndefined();
});

test('gives every stream one window fault, and affects only windows above the limit', async () => {
  const streams = Array.from({ length: 140 }, (_, n) => `push${1 + (n % 20)}-${n}`);
  const pathOf = (stream: string, seconds: number) =>
    `/common_access?Param.n.start_time=1000&Param.n.end_time=${1000 + seconds}&Param.s.stream_id=${stream}`;
  const kinds = Map.groupBy(streams, (stream) => readWindowRequest(pathOf(stream, 60))?.kind);
  expect([...kinds.keys()].sort()).toEqual([...windowKinds].sort());
  expect(Math.min(...[...kinds.values()].map((own) => own.length))).toBeGreaterThan(20);
  expect(readWindowRequest('/?Action=x')).toBeUndefined();

  requested = [];
  await using proxy = await startFaultProxy({
    target,
    nextFault: () => undefined,
    limitsWindows: () => true,
    now: () => Date.UTC(2030, 0, 1),
  });
  const get = (kind: string, seconds: number) =>
    fetch(`${proxy.url}${pathOf(kinds.get(kind as never)?.[0] ?? '', seconds)}`);
  const long = await get('long_504', 3_601);
  const large = await (await get('too_large', 3_601)).text();

  expect([long.status, long.headers.get('date')]).toEqual([504, 'Tue, 01 Jan 2030 00:00:00 GMT']);
  expect(large.length).toBeGreaterThan(16 * 1024 * 1024);
  expect(JSON.parse(large)).toEqual(JSON.parse(complete));
  expect(proxy.inflicted.map(({ kind }) => kind)).toEqual(['long_504', 'too_large']);
  for (const kind of windowKinds) expect(await (await get(kind, 3_600)).text()).toBe(complete);
  expect(proxy.inflicted).toHaveLength(2);
});
