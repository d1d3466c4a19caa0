import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { HttpResponse } from '../../src/calls/call.ts';
import { runDoctor } from '../../src/commands/doctor.ts';
import type { DoctorFlags } from '../../src/commands/doctor-flags.ts';
import type { Clock } from '../../src/model/time.ts';
import { exporterEnvironment, toExporterConfig } from '../../src/simulator/exporter-config.ts';
import { parseScenario } from '../../src/simulator/scenario/parse-scenario.ts';
import { startSimulator } from '../../src/simulator/server.ts';
import { noon } from '../support/samples.ts';

/** Sleeps up to this duration in ms end at once, with the clock advanced; longer ones are deadlines. */
const maxSleepMs = 15_000;

/** Deadline of a request in the tests, which never expires: requests end in real time. */
const longRequestMs = 60_000;

/** Clock that a sleep advances. So waits cost no time, while requests to loopback servers need real time. */
export function createSleepingClock(): Clock {
  let slept = 0;
  return {
    now: () => noon + slept,
    elapsed: () => slept,
    sleep: (ms, signal) =>
      new Promise((resolve, reject) => {
        signal.throwIfAborted();
        signal.addEventListener('abort', () => reject(signal.reason));
        if (ms > maxSleepMs) return;
        slept += ms;
        setImmediate(resolve);
      }),
    yieldNow: async () => undefined,
  };
}

/** Answer of a front instead of that of the simulator. */
export type Intercept = (
  operation: string,
  response: ServerResponse,
  incoming: IncomingMessage,
) => boolean | undefined;

/** An account with one fault, or none. */
export interface SimulatedAccount {
  /** Scenario of the simulator, in YAML. */
  readonly scenario: string;
  /** Changes the config that the simulator prints. */
  readonly config?: (yaml: string) => string;
  readonly env?: Readonly<Record<string, string>>;
  /** Clock of the provider minus that of the exporter, in ms. */
  readonly skewMs?: number;
  /** Answers some requests in place of the simulator. Returns true if it does. */
  readonly intercept?: Intercept;
  readonly flags?: Partial<DoctorFlags>;
  readonly signal?: AbortSignal;
  /** Receives each response of the simulator. */
  readonly onResponse?: (response: HttpResponse) => void;
}

export interface Outcome {
  readonly code: number;
  readonly out: string;
  readonly err: string;
  /** Number of requests that the simulator answered, by operation. */
  readonly requests: Readonly<Record<string, number>>;
  readonly env: Readonly<Record<string, string>>;
}

/** Returns the causes of the problems and remarks in a report. */
export function causesIn(out: string): readonly string[] {
  return [...out.matchAll(/^ {4}cause: (\w+)/gm)].map(([, cause = '']) => cause);
}

/** Changes the config so that the list of an Alibaba domain feeds the gauges, as for a large fleet. */
export function asFleet(yaml: string): string {
  return yaml.replace(
    /(access_key_id_env: )/,
    'requests_per_second: {DescribeLiveCenterStreamRateData: 0.01}\n    $1',
  );
}

/** Runs the command against a simulator of its own. */
export async function runOnSimulator(account: SimulatedAccount): Promise<Outcome> {
  const { scenario: text, config = (yaml) => yaml, skewMs = 0, intercept, flags, onResponse } = account;
  const parsed = parseScenario(text, 'account.yaml');
  if ('problems' in parsed) throw new Error(parsed.problems.join('\n'));
  const { scenario } = parsed;
  const clock = createSleepingClock();
  const providerClock = { now: () => clock.now() + skewMs };
  await using simulator = await startSimulator({ scenario, clock: providerClock, startedAt: noon - 600_000 });
  await using front = await startIntercept(simulator.url, providerClock.now, intercept, onResponse);
  const endpoint = new URL(new URL(simulator.endpoint).pathname, front.url).href;
  const directory = mkdtempSync(join(tmpdir(), 'doctor-'));
  const file = join(directory, 'live.yaml');
  writeFileSync(file, config(toExporterConfig(simulator.world, endpoint)));
  const env = { ...exporterEnvironment(scenario), ...account.env };
  let nonces = 0;
  let out = '';
  let err = '';
  try {
    const code = await runDoctor(
      file,
      { format: 'text', recordDirectory: undefined, requestMs: longRequestMs, ...flags },
      {
        out: (each) => {
          out += each;
        },
        err: (each) => {
          err += each.replaceAll(directory, '');
        },
        env,
        clock,
        random: () => 0.5,
        nonce: () => `nonce-${nonces++}`,
        signal: account.signal ?? new AbortController().signal,
      },
    );
    const requests = Object.fromEntries(
      Object.entries(simulator.requests()).map(([operation, { calls }]) => [operation, calls]),
    );
    return { code, out: out.replaceAll(directory, ''), err, requests, env };
  } finally {
    rmSync(directory, { recursive: true });
  }
}

/** Starts a server that forwards requests to `target`, except those that `intercept` answers. */
async function startIntercept(
  target: string,
  now: () => number,
  intercept: Intercept = () => undefined,
  onResponse: SimulatedAccount['onResponse'] = () => undefined,
) {
  return serve((incoming, response) => {
    const { searchParams } = new URL(incoming.url ?? '/', target);
    const { 'x-tc-action': tc, 'x-acs-action': acs } = incoming.headers;
    const operation = String(tc ?? acs ?? searchParams.get('Action') ?? searchParams.get('interface') ?? '');
    response.setHeader('date', new Date(now()).toUTCString());
    if (intercept(operation, response, incoming) === true) return;
    const upstream = request(new URL(incoming.url ?? '/', target), {
      method: incoming.method ?? 'GET',
      headers: incoming.headers,
    });
    upstream.on('response', (found) => {
      response.writeHead(found.statusCode ?? 502, found.headers);
      let text = '';
      found.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
      });
      found.on('end', () => {
        const type = String(found.headers['content-type']);
        onResponse({ status: found.statusCode ?? 0, headers: { 'content-type': type }, text });
      });
      found.pipe(response);
    });
    upstream.on('error', () => response.destroy());
    incoming.pipe(upstream);
  });
}

/** Starts an HTTP server on a free loopback port. */
export async function serve(handle: (incoming: IncomingMessage, response: ServerResponse) => void) {
  return listen(createServer(handle));
}

/** Lets a server listen on a free loopback port. */
export async function listen(server: Server) {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  // The cast is safe: a server that listens on TCP has an AddressInfo.
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    async [Symbol.asyncDispose]() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}
