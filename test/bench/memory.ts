import { systemClock } from '../../src/clock.ts';
import type { PushView } from '../../src/model/push-view.ts';
import { streamKey } from '../../src/model/stream.ts';
import { secondMs } from '../../src/model/time.ts';
import { createPoller } from '../../src/polling/poller.ts';
import { isDueNow, type PushPollTarget } from '../../src/polling/push-history.ts';
import { createCollecting } from './collecting.ts';
import { obey } from './commands.ts';
import { benchSample, benchTarget, createBenchMetrics, filledLedger, viewOf } from './content.ts';
import { collectGarbage } from './load.ts';
import { statcgiAnswer } from './statcgi-answer.ts';

/** What is held, so that none of it is garbage. */
const held: unknown[] = [];

/** More than the recent minutes hold, so that they are full. */
const rounds = 7;

obey({
  /** Bytes that the series of so many streams take, tables and indexes: their ledgers and views are there before. */
  async seriesOf(streams: number): Promise<number> {
    const all = Array.from({ length: streams }, (_, number) => {
      const target = benchTarget(number);
      const view: PushView = viewOf(benchSample(number, 1));
      return { target, key: streamKey(target.stream), ledger: filledLedger(number), view };
    });
    const before = await used();
    const metrics = createBenchMetrics();
    for (const { target, key, ledger, view } of all) {
      metrics.series.add(target, ledger);
      metrics.series.setView(key, view);
    }
    const bytes = (await used()) - before;
    held.push(metrics, all);
    return bytes;
  },
  /** Bytes that so many streams take in all, their turns too, collected for longer than the recent minutes reach. */
  async streamsOf(streams: number): Promise<number> {
    const before = await used();
    const collecting = createCollecting(
      streams,
      async ({ query = '' }) => ({ status: 200, headers: {}, text: statcgiAnswer(query) }),
      'http://127.0.0.1/',
    );
    held.push(collecting, turnsOf(collecting.targets));
    for (let round = 0; round < rounds; round++) await collecting.round();
    return (await used()) - before;
  },
});

/** As the program holds targets: by key, and each with its place in the order of turns. */
function turnsOf(targets: readonly PushPollTarget[]): readonly unknown[] {
  const collector = createPoller<PushPollTarget>({
    run: async () => ({ isBehind: false }),
    hasPriority: isDueNow,
    onSuccess: () => undefined,
    onFailure: () => undefined,
    perSecond: () => 1,
    configuredPerSecond: () => 1,
    waiting: () => 0,
    runDeadlineMs: secondMs,
    clock: systemClock,
    signal: new AbortController().signal,
  });
  collector.add(targets);
  return [collector, new Map(targets.map((target) => [target.streamKey, target]))];
}

/** Live bytes on and off the heap. */
async function used(): Promise<number> {
  await collectGarbage();
  await collectGarbage();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}
