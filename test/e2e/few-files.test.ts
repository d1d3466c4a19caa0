import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { startDaemon } from '../support/daemon.ts';
import { describeWithTool } from '../support/tools.ts';
import { waitFor } from '../support/wait-for.ts';

describeWithTool('prlimit', 'a limit of 64 open files', () => {
  test('leaves descriptors for scrapes while all requests hang', { timeout: 60_000 }, async () => {
    let requests = 0;
    const provider = createServer(() => requests++).listen(0, '127.0.0.1');
    await once(provider, 'listening');
    const directory = mkdtempSync(join(tmpdir(), 'livestream-files-'));
    // The server listens on TCP, so its address has a port.
    const { port } = provider.address() as { port: number };
    writeFileSync(join(directory, 'live.yaml'), configFor(port));
    const daemon = startDaemon(
      [
        `--config.file=${join(directory, 'live.yaml')}`,
        `--storage.path=${join(directory, 'data')}`,
        '--web.listen-address=127.0.0.1:0',
      ],
      { KEY: 'the-key', no_proxy: '127.0.0.1' },
      undefined,
      ['prlimit', '--nofile=64:64', '--'],
    );
    try {
      const url = await daemon.url();
      await waitFor('eight requests', () => (requests >= 8 ? true : undefined));

      for (let i = 0; i < 20; i++) {
        const response = await fetch(`${url}metrics`, { headers: { connection: 'close' } });
        expect(await response.text()).toContain('livestream_exporter_build_info');
        await sleep(50);
      }

      // Eight are in progress at a time. On a slow machine, some can have reached their deadline of 10 s.
      expect(requests).toBeLessThan(30);
      expect(daemon.output()).not.toContain('open files');
    } finally {
      await daemon.end('SIGKILL');
      provider.closeAllConnections();
      provider.close();
      rmSync(directory, { recursive: true, force: true });
    }
  });
});

function configFor(port: number): string {
  const streams = Array.from({ length: 200 }, (_, i) => `{account: a, stream: s${i}}`);
  return `
accounts:
  - {name: a, provider: tencent, requests_per_second: {Get_LivePushStatHistory: 100},
     statcgi: {app_id: 1234, key_env: KEY, endpoint: "http://127.0.0.1:${port}/common_access"}}
streams: [${streams.join(', ')}]
`;
}
