import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { startDaemon } from '../support/daemon.ts';
import { startPrometheus } from '../support/prometheus.ts';
import { describeWithTool } from '../support/tools.ts';
import { waitFor } from '../support/wait-for.ts';

const fixtures = join(import.meta.dirname, '..', 'fixtures', 'web');
const pem = (name: string): string => join(fixtures, `${name}.pem`);
/** bcrypt hash of `wonderland`, with the lowest cost. */
const hash = '$2b$04$78i.BSYL0DyTfFuT5SXteO0kNQhM1/74LMRlnOd4VBJ8627LyG4Py';

describeWithTool('prometheus', 'a real Prometheus', () => {
  test('scrapes with a client certificate and a password, and is refused without one of them', {
    timeout: 60_000,
  }, async () => {
    const directory = mkdtempSync(join(tmpdir(), 'web-'));
    const webConfig = join(directory, 'web.yml');
    writeFileSync(
      webConfig,
      `tls_server_config:
  cert_file: ${pem('server')}
  key_file: ${pem('server.key')}
  client_ca_file: ${pem('ca')}
  client_auth_type: RequireAndVerifyClientCert
  client_allowed_sans: [prometheus.example]
basic_auth_users: {alice: "${hash}"}
`,
    );
    const daemon = startDaemon([
      'demo',
      '--web.listen-address=127.0.0.1:0',
      `--web.config.file=${webConfig}`,
    ]);
    try {
      const url = new URL(await daemon.url());
      expect(url.protocol).toBe('https:');
      const job = (name: string, password: string, client: string | undefined, ca = 'ca') => `
  - job_name: ${name}
    scheme: https
    basic_auth: {username: alice, password: ${password}}
    tls_config:
      ca_file: ${pem(ca)}
${client === undefined ? '' : `      cert_file: ${pem(client)}\n      key_file: ${pem(`${client}.key`)}\n`}    static_configs: [{targets: ["${url.host}"]}]`;
      await using prometheus = await startPrometheus(`
global: {scrape_interval: 1s, scrape_timeout: 1s}
scrape_configs:${job('good', 'wonderland', 'client')}${job('wrong-password', 'guess', 'client')}${job('no-certificate', 'wonderland', undefined)}${job('strange-certificate', 'wonderland', 'stranger')}${job('strange-server', 'wonderland', 'client', 'stranger')}
`);

      const found = await waitFor('all jobs to be scraped, and frames to be counted', async () => {
        const up = await prometheus.query('up');
        const [frames] = await prometheus.query('livestream_push_fps{job="good"}');
        // On a busy machine, a scrape can take longer than its timeout.
        const isUp = up.some(({ metric, value }) => metric.job === 'good' && value === 1);
        return up.length === 5 && isUp && frames ? up : undefined;
      });
      expect(found.map(({ metric: { job: name }, value }) => [name, value]).toSorted()).toEqual([
        ['good', 1],
        ['no-certificate', 0],
        ['strange-certificate', 0],
        ['strange-server', 0],
        ['wrong-password', 0],
      ]);
    } finally {
      expect(await daemon.end('SIGTERM')).toBe(0);
      rmSync(directory, { recursive: true });
    }
  });
});

test('a web config with problems ends the start with all of them, and exit code 2', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'web-'));
  const webConfig = join(directory, 'web.yml');
  writeFileSync(webConfig, 'tls_server_config: {cert_file: none.pem}\nrate_limit: {interval: 1s}\n');
  const daemon = startDaemon(['demo', '--web.listen-address=127.0.0.1:0', `--web.config.file=${webConfig}`]);

  expect(await daemon.ended()).toBe(2);
  expect(daemon.output().split('\n')).toEqual([
    `${webConfig}:1:1: tls_server_config: key or key_file is missing`,
    `${webConfig}:1:32: tls_server_config.cert_file: file not found`,
    `${webConfig}:2:1: rate_limit: burst is missing; without it, every request is rejected`,
    '',
  ]);
  rmSync(directory, { recursive: true });
});
