import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { exporterEnvironment, toExporterConfig } from '../../src/simulator/exporter-config.ts';
import { startSimulator } from '../../src/simulator/server.ts';
import { round, startTestApp } from '../support/app.ts';
import { startBrowser } from '../support/browser.ts';
import { createManualClock } from '../support/manual-clock.ts';
import { scenarioOf } from '../support/scenarios.ts';

/** Start of the demo: 02:52 in Shanghai. */
const startAt = Date.UTC(2026, 2, 1, 18, 52);
/** Duration of the demo before the picture, in polls of five seconds. */
const rounds = 91;

const root = join(import.meta.dirname, '..', '..');

// Writes the picture of the status page: the real exporter with the simulator of `npm run demo`, in simulated time,
// seen by Chromium in Shanghai.
const scenario = scenarioOf(readFileSync(join(root, 'config', 'scenarios', 'demo.yaml'), 'utf8'));
const clock = createManualClock(startAt);
await using simulator = await startSimulator({ scenario, clock });
const config = toExporterConfig(simulator.world, simulator.endpoint);
await using daemon = await startTestApp(config, exporterEnvironment(scenario), clock, {
  configFile: 'live.yaml',
});
for (let i = 0; i < rounds; i++) await round(daemon, clock);
const url = daemon.app.addresses[0]?.url ?? '';
await using browser = await startBrowser([new URL(url).origin], {
  viewport: { width: 1280, height: 960 },
  timezoneId: 'Asia/Shanghai',
  locale: 'en-US',
});
await browser.page.goto(`${url}?refresh=off`);
await browser.page.screenshot({ path: join(root, 'docs', 'images', 'status-page.png') });
if (browser.complaints.length > 0) throw new Error(browser.complaints.join('\n'));
