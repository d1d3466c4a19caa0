import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type IncomingMessage, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { type Simulator, startSimulator } from '../../../src/simulator/server.ts';
import { scenarioOf } from '../support.ts';
import { utc } from './caller.ts';
import { algorithms, type ClientRequest, sendWithClient } from './official-client.ts';

/*
 * Tests the simulator with the official client. The client signs with the system time, so the simulator uses
 * the system time too, plus an offset.
 */

const minute = 60_000;
const realNow = Date.now();
const started: AsyncDisposable[] = [];

afterEach(async () => {
  for (const one of started.splice(0)) await one[Symbol.asyncDispose]();
});

async function startWith(alibaba = '', offMs = 0): Promise<Simulator> {
  const scenario = scenarioOf(
    `
name: official
alibaba: {${alibaba}}
domains:
  - name: play.example.com
    story:
      - {at: 1m, stream: cam1, action: forbid, client_ip: 192.0.2.5}
      - {at: 2m, stream: cam1, action: resume, client_ip: 192.0.2.6}
`.replace('[live app*]', '[live]'),
  );
  const simulator = await startSimulator({
    scenario,
    clock: { now: () => Date.now() + offMs },
    startedAt: realNow - 10 * minute,
  });
  started.push(simulator);
  return simulator;
}

interface HistoryRequest extends Pick<ClientRequest, 'port' | 'secret' | 'token' | 'algorithm' | 'form'> {
  readonly history?: Readonly<Record<string, string>>;
}

/** Requests control history with the official client. Rejects with `code` for a failure. */
function callWithClient({ history, ...request }: HistoryRequest) {
  return sendWithClient({
    ...request,
    action: 'DescribeLiveStreamsControlHistory',
    query: {
      DomainName: 'play.example.com',
      StartTime: utc(realNow - 11 * minute),
      EndTime: utc(realNow),
      ...history,
    },
  });
}

const whole = {
  statusCode: 200,
  body: {
    ControlInfo: {
      LiveStreamControlInfo: [
        {
          Action: 'forbid',
          ClientIP: '192.0.2.5',
          StreamName: 'play.example.com/live/cam1',
          TimeStamp: utc(realNow - 9 * minute),
        },
        {
          Action: 'resume',
          ClientIP: '192.0.2.6',
          StreamName: 'play.example.com/live/cam1',
          TimeStamp: utc(realNow - 8 * minute),
        },
      ],
    },
  },
};

test.each(algorithms)('accepts a request of the official client signed by %s', async (_, algorithm) => {
  const { port } = await startWith();

  expect(await callWithClient({ port, algorithm })).toMatchObject(whole);
});

test.each(algorithms)('accepts a security token, signed by %s', async (_, algorithm) => {
  const { port } = await startWith('security_token: "STS/tok+en=="');

  expect(await callWithClient({ port, token: 'STS/tok+en==', algorithm })).toMatchObject(whole);
  await expect(callWithClient({ port, algorithm })).rejects.toMatchObject({ code: 'MissingSecurityToken' });
});

test.each(algorithms)('accepts special characters in the query, signed by %s', async (_, algorithm) => {
  const { port } = await startWith();

  const history = { AppName: "a b+c*d~e/f'(é)!" };
  expect(await callWithClient({ port, history, algorithm })).toMatchObject({
    body: { ControlInfo: { LiveStreamControlInfo: [] } },
  });
});

test.each(algorithms)('accepts a form signed by %s', async (_, algorithm) => {
  const { port } = await startWith();

  expect(await callWithClient({ port, form: { AppName: 'live' }, algorithm })).toMatchObject(whole);
});

test.each(algorithms)('rejects a wrong secret, signed by %s', async (_, algorithm) => {
  const { port } = await startWith();

  await expect(callWithClient({ port, secret: 'guessed', algorithm })).rejects.toMatchObject({
    code: 'SignatureDoesNotMatch',
    statusCode: 400,
  });
});

test.each(algorithms)('rejects a clock skew of 20 minutes, signed by %s', async (_, algorithm) => {
  for (const offMs of [-20 * minute, 20 * minute]) {
    const { port } = await startWith('', offMs);
    await expect(callWithClient({ port, algorithm })).rejects.toMatchObject({
      code: 'InvalidTimeStamp.Expired',
      statusCode: 400,
    });
  }
});

test('makes the official client recognize throttling and the retry delay', async () => {
  const { port } = await startWith('retry_after: 2000, story: [{at: 0s, answer: Throttling.User}]');

  await expect(callWithClient({ port })).rejects.toMatchObject({
    code: 'Throttling.User',
    retryAfter: 2_000,
  });
});

test.each(algorithms)(
  'rejects a replayed request of the official client, signed by %s',
  async (_, algorithm) => {
    const simulator = await startWith();
    const between = await startBetween(simulator);
    await callWithClient({ port: between.port, algorithm });

    const [sent] = between.requests;
    const again = sent && (await send(simulator.port, sent));

    expect(between.requests).toHaveLength(1);
    expect(again?.status).toBe(400);
    expect(JSON.parse(again?.body ?? '')).toMatchObject({ Code: 'SignatureNonceUsed' });
  },
);

interface Recorded {
  readonly method: string | undefined;
  readonly path: string | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** Starts a proxy that records the requests that it forwards. */
async function startBetween({ port }: Simulator) {
  const requests: Recorded[] = [];
  const server = createServer(async (incoming, outgoing) => {
    const { method, url, headers } = incoming;
    const recorded = { method, path: url, headers, body: await textOf(incoming) };
    requests.push(recorded);
    const { status, body } = await send(port, recorded);
    outgoing.writeHead(status, { 'content-type': 'application/json' }).end(body);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  started.push(server);
  // The address of a server that listens on a port is an object.
  return { requests, port: (server.address() as AddressInfo).port };
}

async function send(port: number, { method, path, headers, body }: Recorded) {
  const outgoing = request({ host: '127.0.0.1', port, method, path, headers });
  outgoing.end(body);
  const [incoming] = (await once(outgoing, 'response')) as [IncomingMessage];
  return { status: incoming.statusCode ?? 0, body: await textOf(incoming) };
}

async function textOf(message: IncomingMessage): Promise<string> {
  const chunks = await message.toArray();
  return Buffer.concat(chunks).toString();
}
