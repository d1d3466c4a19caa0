import { expect, test } from 'vitest';
import { createCollectors } from '../../src/collectors/collectors.ts';
import type { Config } from '../../src/config/config.ts';
import { createLog } from '../../src/log.ts';
import { createMetrics } from '../../src/metrics/metrics.ts';
import type { Provider } from '../../src/model/operations.ts';
import { createRecent } from '../../src/status/recent.ts';
import { createRequestLog } from '../../src/status/request-log.ts';
import { createTroubles } from '../../src/status/troubles.ts';
import { acme } from '../fixtures/extension/acme.ts';
import { viewerCountOf } from '../fixtures/extension/viewer-count.ts';
import { createManualClock } from '../support/manual-clock.ts';
import { createDisklessRecordCache } from '../support/record-cache.ts';
import { startRowServer } from '../support/row-server.ts';

/**
 * A provider with one operation and a question, added from outside: two files, an entry in the list of providers and one
 * in the list of questions. Nothing in `app/`, `collectors/` or `polling/` knows either.
 */
test('collects a new question from a new provider', async () => {
  await using server = await startRowServer([200]);
  const clock = createManualClock(Date.now());
  const counts: (readonly number[])[] = [];
  const quiet = () => undefined;
  const metrics = createMetrics({
    clientIp: { show: 'full', on: 'gauges' },
    clock,
    version: '0.0.0-test',
    nodeVersion: 'v24.0.0',
    onRelease: quiet,
    onControlRelease: quiet,
  });
  const collectors = createCollectors({
    metrics,
    cache: createDisklessRecordCache(),
    recent: createRecent(),
    troubles: createTroubles(),
    requests: createRequestLog(),
    log: createLog({ level: 'info', format: 'logfmt', write: quiet, now: clock.now }),
    clock,
    env: {},
    random: () => 0,
    nonce: () => 'nonce',
    providerOf: () => acme,
    questions: [viewerCountOf('live.example.com', (viewers) => counts.push(viewers))],
  });
  const config: Config = {
    accounts: [
      {
        name: 'main',
        // A row in model/capabilities.ts would add the name to the type.
        provider: 'acme' as Provider,
        endpoints: [server.endpoint],
        settings: { endpoint: server.endpoint },
        secrets: { token: { from: 'env', name: 'TOKEN' } },
        requestsPerSecond: { CountViewers: 10 },
        expectedDelayMs: {},
        proxyUrlEnv: undefined,
      },
    ],
    pushTargets: [],
    controlTargets: [],
    discoveryTargets: [],
    clientIp: { show: 'full', on: 'gauges' },
    limits: { maxStreams: 10, stateRetentionMs: 1 },
    alertmanager: { urls: [], username: undefined, secrets: {}, language: 'en', runbookBase: '' },
  };

  await collectors.apply(config, new Map([['env TOKEN', 's3cret']]), clock.now());
  await Promise.all(collectors.all().map(({ poller }) => poller.start(clock.now())));
  for (const collector of collectors.all()) collector.setState();

  expect(counts).toEqual([[3, 4]]);
  expect(server.requests).toEqual([{ url: '/CountViewers?domain=live.example.com', token: 's3cret' }]);
  const text = await metrics.exporter.render('text');
  const labels = 'account="main",provider="acme"';
  expect(text).toContain(`livestream_collector_targets{${labels},collector="viewer_count"} 1`);
  expect(text).toContain(`livestream_api_requests_total{${labels},operation="CountViewers"} 1`);
  await Promise.all([collectors.close(), clock.advance(60_000)]);
});
