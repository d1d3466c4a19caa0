import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect as connectTcp, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect as connectTls, TLSSocket } from 'node:tls';
import { systemClock } from '../../../src/clock.ts';
import { readWebConfigFile } from '../../../src/config/web/load.ts';
import { providerOf } from '../../../src/providers/registry.ts';
import type { WebSettings } from '../../../src/server/web-settings.ts';
import { startTestApp, type TestApp } from '../../support/app.ts';
import { createManualClock } from '../../support/manual-clock.ts';
import { noon } from '../../support/samples.ts';
import { neverReloaded } from '../../support/web-settings.ts';
import { maxCaseMs } from '../run-cases.ts';
import { parseStrictly } from '../strict-exposition.ts';
import { BrokenLaw, law, lawOfTexts, plantedSecret, targetOf } from '../target.ts';
import { credentials, operationOf } from './accounts.ts';
import { bodiesOf } from './answer-bodies.ts';
import { configs, pass, withHttp } from './exporter.ts';
import { parseResponses, type RawResponse } from './http-answers.ts';
import {
  authorization,
  type Connection,
  generate,
  type HttpInput,
  hash,
  type ServerName,
  user,
  wrongAuthorization,
} from './http-requests.ts';
import { root } from './yaml-seeds.ts';

const fixtures = join(root, 'test/fixtures/web');
/** Time in ms after the end of the requests until a connection must be closed. Far more than it takes. */
const maxOpenMs = 20_000;

/** Protocols that a client offers, as browsers and Prometheus do. The server has only the last one. */
const protocols = ['h2', 'http/1.1'] as const;

/** The HTTP server of a running exporter: plain, with users, and with TLS. */
export const httpTarget = targetOf<HttpInput>('http', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'livestream-fuzz-'));
  const servers: Record<ServerName, TestApp> = {
    plain: await start(undefined),
    // The clock stands still, so the burst is the limit for all cases together.
    users: await start(
      await settingsOf(
        directory,
        `basic_auth_users: {${user}: "${hash}"}\nrate_limit: {interval: 1ms, burst: 1000000}\n`,
      ),
    ),
    tls: await start(
      await settingsOf(
        directory,
        `tls_server_config: {cert_file: ${join(fixtures, 'server.pem')}, key_file: ${join(fixtures, 'server.key.pem')}}\n`,
      ),
    ),
  };
  const { streams } = JSON.parse(await getText(servers.plain, '/api/v1/streams')) as {
    streams: readonly { key: string }[];
  };
  const key = streams[0]?.key ?? '';
  return {
    generate: (draws) => generate(draws, key),
    check: (input) => check(input, servers[input.server]),
    async close() {
      await Promise.all(Object.values(servers).map(({ app }) => app.stop()));
      rmSync(directory, { recursive: true });
    },
  };
});

const noConnection: Connection = { isEncrypted: false, parts: [], isAnswered: false };

async function check({ server, connections, path = '/' }: HttpInput, daemon: TestApp): Promise<void> {
  daemon.log.length = 0;
  const answers = await Promise.all(connections.map((connection) => exchange(connection, daemon)));
  for (const [i, bytes] of answers.entries()) {
    const { isEncrypted, parts, isAnswered } = connections[i] ?? noConnection;
    law(!isAnswered || bytes !== '', 'a whole request is answered', parts);
    law(!/^HTTP\/1\.1 101/m.test(bytes), 'no connection changes its protocol', parts);
    const hosts = parts.join('').match(/^Host:/gim)?.length ?? 0;
    law(
      !isAnswered || hosts === 1 || /^HTTP\/1\.1 [145]/.test(bytes),
      'a request without exactly one header Host is rejected',
      parts,
      bytes.slice(0, 100),
    );
    // In place of a handshake, a server with TLS answers with an alert.
    if (server === 'tls' && !isEncrypted) continue;
    for (const response of parseResponses(bytes))
      lawOfResponse(response, server === 'users' && !parts.join('').includes(authorization.slice(6)));
  }
  const startedAt = performance.now();
  const cpu = process.cpuUsage();
  await getText(daemon, path);
  law((await getText(daemon, '/-/healthy')).includes('progress'), 'the server is healthy afterwards');
  const { user: usedUs, system } = process.cpuUsage(cpu);
  const isSlow = performance.now() - startedAt > maxCaseMs && usedUs + system > maxCaseMs * 500;
  law(!isSlow, 'a normal request takes less than 2 s', performance.now() - startedAt);
  lawOfTexts(daemon.log, [plantedSecret, authorization.slice(6), wrongAuthorization.slice(6)]);
  for (const line of daemon.log) {
    law(!/level=error/.test(line), 'no request is an error of the exporter', line);
    law(!/[\p{Cc}]/u.test(line.trimEnd()), 'a log entry is one line', line);
  }
}

function lawOfResponse({ status, headers, body, isWhole }: RawResponse, isUnknownUser: boolean): void {
  law(status !== 500 && status !== 501, 'no request fails in the exporter', status, body.slice(0, 300));
  // These come from Node itself: 400 if there is no header Host.
  if (status === 100 || status === 417 || (status === 400 && body === '')) return;
  law(
    !isUnknownUser || status >= 400,
    'without a password there is nothing to see',
    status,
    body.slice(0, 100),
  );
  law(headers.get('x-content-type-options') === 'nosniff', 'no browser guesses the type', status, [
    ...headers,
  ]);
  const type = headers.get('content-type') ?? '';
  if (headers.get('content-encoding') === undefined) {
    lawOfTexts([body], [authorization.slice(6), wrongAuthorization.slice(6)]);
    law(!body.includes('<script>alert'), 'a body contains no script of a request', body.slice(0, 300));
    if (isWhole && status === 200) lawOfContent(type, Buffer.from(body, 'latin1').toString());
  }
  law(!/node:internal|node_modules|file:\/\//.test(body), 'no body contains a stack', body.slice(0, 300));
}

function lawOfContent(type: string, text: string): void {
  if (type.startsWith('application/json')) JSON.parse(text);
  if (type.startsWith('text/plain; version=0.0.4')) parseStrictly(text);
  if (type.startsWith('application/openmetrics-text'))
    law(text.endsWith('\n# EOF\n'), 'an exposition in OpenMetrics has an end', text.slice(-100));
  if (type.startsWith('text/html')) law(/<\/html>\s*$/.test(text), 'a page is whole', text.slice(-100));
}

/**
 * Sends the bytes and returns everything that the server sends until the connection is closed. The client closes it a while
 * after an answer, or without one, because the bytes can be the beginning of a request. If there must be an answer, it
 * waits: Node sends none after the client has closed its half. `closes`: the server closes the connection after its answer.
 */
function exchange(
  { isEncrypted, parts, isAnswered }: Connection,
  daemon: TestApp,
  closes = false,
): Promise<string> {
  return new Promise((resolve, reject) => {
    const port = daemon.app.addresses[0]?.port ?? 0;
    let bytes = '';
    const socket: Socket = isEncrypted
      ? connectTls(
          { port, host: '127.0.0.1', rejectUnauthorized: false, ALPNProtocols: [...protocols] },
          send,
        )
      : connectTcp(port, '127.0.0.1', send);
    const timer = setTimeout(() => {
      socket.destroy();
      reject(new Error('the server neither answers nor closes the connection'));
    }, maxOpenMs);
    let idle: NodeJS.Timeout | undefined;
    const endAfter = (ms: number) => {
      clearTimeout(idle);
      idle = setTimeout(() => socket.end(), ms);
    };
    socket.setEncoding('latin1');
    socket.on('data', (chunk: string) => {
      bytes += chunk;
      if (!closes) endAfter(10);
    });
    // The server can close the connection while bytes are sent.
    socket.on('error', () => undefined);
    socket.on('close', () => {
      clearTimeout(timer);
      clearTimeout(idle);
      resolve(bytes);
    });
    function send(): void {
      if (socket instanceof TLSSocket && socket.alpnProtocol !== 'http/1.1') {
        reject(new BrokenLaw(`the server speaks the only protocol that it has: ${socket.alpnProtocol}`));
        socket.destroy();
      }
      for (const part of parts) socket.write(part, 'latin1');
      if (!isAnswered) endAfter(200);
    }
  });
}

/** Sends a normal request on a new connection. */
async function getText(daemon: TestApp, path: string): Promise<string> {
  const isEncrypted = daemon.app.addresses[0]?.url.startsWith('https') === true;
  const request = `GET ${path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: ${authorization}\r\nConnection: close\r\n\r\n`;
  const bytes = await exchange({ isEncrypted, parts: [request], isAnswered: true }, daemon, true);
  const [response] = parseResponses(bytes);
  law(
    response?.status === 200 && response.isWhole,
    'a normal request is answered',
    path,
    bytes.slice(0, 200),
  );
  lawOfResponse(response, false);
  return response.body;
}

async function settingsOf(directory: string, yaml: string): Promise<WebSettings> {
  const file = join(directory, 'web.yml');
  writeFileSync(file, yaml);
  const loaded = await readWebConfigFile(file);
  if ('problems' in loaded) throw new Error(JSON.stringify(loaded.problems));
  return loaded.config;
}

/** Starts an exporter that has polled once. Its clock for polling stands; that of the server does not matter. */
async function start(settings: WebSettings | undefined): Promise<TestApp> {
  const { yaml = '', provider } = configs.api3 ?? { provider: 'tencent' };
  const clock = createManualClock(noon);
  const daemon = await startTestApp(
    yaml,
    credentials,
    { ...clock, sleep: systemClock.sleep },
    {
      ...(settings && { web: { current: () => settings, ...neverReloaded } }),
      ...{
        providerOf: (name: string) =>
          withHttp(providerOf(name), async (request) => ({
            status: 200,
            headers: {},
            text: bodiesOf(provider, operationOf(request)).texts[0] ?? '',
          })),
      },
    },
  );
  await pass(daemon, clock, 20_000);
  return daemon;
}
