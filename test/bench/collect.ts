import { get, Agent as HttpAgent } from 'node:http';
import { Agent, request } from 'undici';
import { createHttp } from '../../src/calls/http.ts';
import { atOnce, createCollecting } from './collecting.ts';
import { obey } from './commands.ts';
import { inParallel } from './in-parallel.ts';
import { spending } from './load.ts';

/** One way of collecting, in a process of its own: beside another way each takes longer. */
type Way = 'ours' | 'undici' | 'fetch' | 'node:http';

/** Asks about so many streams, once each. */
type Collect = (streams: number) => Promise<void>;

const ways: Readonly<Record<Way, (endpoint: string) => Collect>> = {
  ours,
  undici,
  fetch: fetching,
  'node:http': nodeHttp,
};
const [way = '', endpoint = ''] = process.argv.slice(2);
// The parent names one of them.
const collect = ways[way as Way](endpoint);

obey({ ...spending(), collect: (streams: number) => collect(streams) });

/** As the program does it, ledgers and series table included. */
function ours(endpoint: string): Collect {
  const http = createHttp({ connectTimeoutMs: 5_000, headersTimeoutMs: 15_000, bodyTimeoutMs: 15_000 });
  let collecting: ReturnType<typeof createCollecting> | undefined;
  return async (streams) => {
    collecting ??= createCollecting(streams, http.send, endpoint);
    await collecting.round();
  };
}

/** The plainest loop there is: the parsed answer is thrown away. */
function undici(endpoint: string): Collect {
  const dispatcher = new Agent({ connections: atOnce, pipelining: 1 });
  return bareLoop(endpoint, async (url) => (await request(url, { dispatcher })).body.json());
}

function fetching(endpoint: string): Collect {
  return bareLoop(endpoint, async (url) => (await fetch(url)).json());
}

function nodeHttp(endpoint: string): Collect {
  const agent = new HttpAgent({ keepAlive: true, maxSockets: atOnce });
  return bareLoop(
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

function bareLoop(endpoint: string, ask: (url: string) => Promise<unknown>): Collect {
  let end = 1_772_366_400;
  return async (streams) => {
    end += 60;
    const numbers = Array.from({ length: streams }, (_, number) => number);
    await inParallel(numbers, atOnce, (number) => {
      const stream = `room-${String(number).padStart(6, '0')}-main`;
      return ask(`${endpoint}?cmd=1234&Param.n.end_time=${end}&Param.s.stream_id=${stream}`);
    });
  };
}
