import { get, Agent as HttpAgent } from 'node:http';
import { Agent, request } from 'undici';
import { createHttp } from '../../src/calls/http.ts';
import { type BenchApi, concurrency, createCollecting } from './collecting.ts';
import { serveCommands } from './commands.ts';
import { inParallel } from './in-parallel.ts';
import { spending } from './load.ts';

/** HTTP client under test, in a process of its own: two in one process slow each other down. */
type Client = 'ours' | 'undici' | 'fetch' | 'node:http' | 'ours, API 3.0' | 'undici, API 3.0';

/** Polls each stream once. */
type Collect = (streams: number) => Promise<void>;

const clients: Readonly<Record<Client, (endpoint: string) => Collect>> = {
  ours: (endpoint) => ours(endpoint, 'statcgi'),
  undici,
  fetch: fetching,
  'node:http': nodeHttp,
  'ours, API 3.0': (endpoint) => ours(endpoint, 'api3'),
  'undici, API 3.0': undiciApi3,
};
const [client = '', endpoint = ''] = process.argv.slice(2);
// The parent passes a valid name.
const collect = clients[client as Client](endpoint);

serveCommands({ ...spending(), collect: (streams: number) => collect(streams) });

/** Polls like the program, including ledgers and series table. */
function ours(endpoint: string, api: BenchApi): Collect {
  const http = createHttp({ connectTimeoutMs: 5_000, responseTimeoutMs: 15_000 });
  let collecting: ReturnType<typeof createCollecting> | undefined;
  return async (streams) => {
    collecting ??= createCollecting(streams, http.send, endpoint, api);
    await collecting.round();
  };
}

/** Bare loop: discards the parsed response. */
function undici(endpoint: string): Collect {
  const dispatcher = new Agent({ connections: concurrency, pipelining: 1 });
  return bareStatcgiLoop(endpoint, async (url) => (await request(url, { dispatcher })).body.json());
}

/** Bare loop of POST requests with the parameters of API 3.0, unsigned. */
function undiciApi3(endpoint: string): Collect {
  const dispatcher = new Agent({ connections: concurrency, pipelining: 1 });
  const headers = { 'content-type': 'application/json' };
  return bareLoop(async (StreamName, end) => {
    const times = { StartTime: utc(end - 130), EndTime: utc(end) };
    const body = JSON.stringify({ StreamName, PushDomain: 'push.example.com', AppName: 'live', ...times });
    return (await request(endpoint, { dispatcher, method: 'POST', headers, body })).body.json();
  });
}

/** Returns a time in epoch seconds as text. */
function utc(at: number): string {
  return `${new Date(at * 1000).toISOString().slice(0, 19)}Z`;
}

function fetching(endpoint: string): Collect {
  return bareStatcgiLoop(endpoint, async (url) => (await fetch(url)).json());
}

function nodeHttp(endpoint: string): Collect {
  const agent = new HttpAgent({ keepAlive: true, maxSockets: concurrency });
  return bareStatcgiLoop(
    endpoint,
    (url) =>
      new Promise((resolve, reject) => {
        get(url, { agent }, (response) => {
          let text = '';
          response.setEncoding('utf8');
          response.on('data', (chunk: string) => {
            text += chunk;
          });
          response.on('end', () => resolve(JSON.parse(text)));
          response.on('error', reject);
        }).on('error', reject);
      }),
  );
}

function bareStatcgiLoop(endpoint: string, send: (url: string) => Promise<unknown>): Collect {
  return bareLoop((stream, end) =>
    send(`${endpoint}?cmd=1234&Param.n.end_time=${end}&Param.s.stream_id=${stream}`),
  );
}

/** Sends a request for each stream, with the end of the requested minute in epoch seconds. */
function bareLoop(send: (stream: string, end: number) => Promise<unknown>): Collect {
  let end = 1_772_366_400;
  return async (streams) => {
    end += 60;
    const numbers = Array.from({ length: streams }, (_, number) => number);
    await inParallel(numbers, concurrency, (number) =>
      send(`room-${String(number).padStart(6, '0')}-main`, end),
    );
  };
}
