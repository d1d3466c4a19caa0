import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { startTestApp } from '../support/app.ts';
import { createManualClock } from '../support/manual-clock.ts';
import { noon } from '../support/samples.ts';
import { waitFor } from '../support/wait-for.ts';

const env = { KEY_ID: 'the-id', KEY_SECRET: 'the-secret' };

/** In the first window of 630 s, the actions of a busy domain take more than 1 MiB. */
const actionsPerSecond = 15;

test.each(['json', 'xml'])(
  'counts each action of an answer in %s that is too large, in parts',
  async (format) => {
    const clock = createManualClock(noon);
    await using provider = await startProvider(format);
    await using daemon = await startTestApp(
      `
accounts:
  - {name: a, provider: alibaba, access_key_id_env: KEY_ID, access_key_secret_env: KEY_SECRET,
     endpoint: "${provider.url}", format: ${format}}
domains: [{account: a, domain: play.example.com}]
`,
      env,
      clock,
    );
    daemon.app.run();
    await daemon.scrape();

    const count = await waitFor('the actions to be counted', async () => {
      await clock.advance(100);
      const text = await daemon.scrape();
      const value = /^livestream_control_domain_actions_total\{.*action="forbid"\} (\d+)$/m.exec(text)?.[1];
      return value === undefined || value === '0' ? undefined : Number(value);
    });

    expect(count).toBe(631 * actionsPerSecond);
    expect(provider.sizes[0]).toBeGreaterThan(1024 * 1024);
    expect(provider.sizes.slice(-2).every((size) => size < 1024 * 1024)).toBe(true);
    expect(daemon.log.filter((line) => /level=(warn|error)/.test(line))).toEqual([]);
  },
);

/** Starts a provider with actions in each second up to noon. `sizes` are the bytes of its responses. */
async function startProvider(format: string) {
  const sizes: number[] = [];
  const server = createServer(({ url, headers }, response) => {
    response.setHeader('date', new Date(noon).toUTCString());
    if (headers['x-acs-action'] === 'DescribeLiveStreamsBlockList') {
      response.end('{"StreamUrls":{"StreamUrl":[]},"TotalNum":0}');
      return;
    }
    const query = new URL(url ?? '', 'http://x').searchParams;
    const [from, to] = ['StartTime', 'EndTime'].map((name) => Date.parse(query.get(name) ?? ''));
    const records: Record<string, string>[] = [];
    for (let at = from ?? 0; at <= Math.min(to ?? 0, noon); at += 1000) {
      for (let i = 0; i < actionsPerSecond; i++) {
        records.push({
          Action: 'forbid',
          ClientIP: '192.0.2.9',
          StreamName: `play.example.com/live/stream-${i}`,
          TimeStamp: `${new Date(at).toISOString().slice(0, 19)}Z`,
        });
      }
    }
    const body = format === 'json' ? toJson(records) : toXml(records);
    sizes.push(body.length);
    response.end(body);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  // The cast is safe: a server that listens on TCP has an AddressInfo.
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    sizes,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function toJson(records: readonly object[]): string {
  return JSON.stringify({ RequestId: 'A', ControlInfo: { LiveStreamControlInfo: records } });
}

function toXml(records: readonly Readonly<Record<string, string>>[]): string {
  const elements = records.map((record) => {
    const fields = Object.entries(record).map(([name, value]) => `<${name}>${value}</${name}>`);
    return `<LiveStreamControlInfo>${fields.join('')}</LiveStreamControlInfo>`;
  });
  const name = 'DescribeLiveStreamsControlHistoryResponse';
  return `<${name}><RequestId>A</RequestId><ControlInfo>${elements.join('')}</ControlInfo></${name}>`;
}
