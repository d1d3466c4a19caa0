import { parseArgs } from 'node:util';
import { startBrowser } from '../support/browser.ts';
import { startStatusServer, upStreams } from '../support/status-server.ts';
import { loadPage, measureSearch, measureSort } from './measure.ts';
import { type bars, isMet, toReport } from './report.ts';

// Measures in Chromium how long a viewer of the status page waits: for the page, for the result of a search, and for
// another order. The server is this process, so the machine must have two idle cores.
const { values: flags } = parseArgs({
  options: {
    streams: { type: 'string', default: '5000' },
    runs: { type: 'string', default: '30' },
  },
});
const runs = Number(flags.runs);

await using server = await startStatusServer({ streams: upStreams(Number(flags.streams)) });
await using browser = await startBrowser([new URL(server.url).origin], {
  viewport: { width: 1280, height: 900 },
});
const { page } = browser;
const times: Record<keyof typeof bars, number[]> = { load: [], search: [], sort: [] };
// The first run compiles the code of both sides, and does not count.
for (let run = 0; run <= runs; run++) {
  const load = await loadPage(page, server.url);
  const search = await measureSearch(page, `channel-${100 + run}`);
  const sort = await measureSort(page);
  if (run === 0) continue;
  times.load.push(load);
  times.search.push(search);
  times.sort.push(sort);
}
if (browser.complaints.length > 0) throw new Error(browser.complaints.join('\n'));
process.stdout.write(`${flags.streams} streams, ${runs} runs\n${toReport(times)}`);
process.exitCode = isMet(times) ? 0 : 1;
