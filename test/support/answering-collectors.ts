import { createCollectors } from '../../src/collectors/collectors.ts';
import { createLog } from '../../src/log.ts';
import type { ControlAction } from '../../src/model/control-action.ts';
import type { PushSample } from '../../src/model/push-sample.ts';
import type { Window } from '../../src/model/time.ts';
import { createRecordCache } from '../../src/polling/record-cache.ts';
import { providerOf } from '../../src/providers/registry.ts';
import { readYaml } from './app.ts';
import { collectorParts, publishRecord } from './collectors.ts';
import { scrapeText } from './exposition.ts';
import { createManualClock, settle } from './manual-clock.ts';
import { disklessParts } from './record-cache.ts';
import { noon } from './samples.ts';

const env = { STAT_KEY: 'the-key', KEY_ID: 'the-id', KEY_SECRET: 'the-secret' };

/** Accounts `t` of Tencent and `a` of Alibaba; a config text can continue after it. */
export const accountsYaml = `
accounts:
  - {name: t, provider: tencent, statcgi: {app_id: 1234, key_env: STAT_KEY}}
  - {name: a, provider: alibaba, access_key_id_env: KEY_ID, access_key_secret_env: KEY_SECRET}
`;

/**
 * Collectors whose sources answer from lists, without requests. Nothing is saved or published before `flush`.
 */
export function startAnsweringCollectors() {
  const clock = createManualClock(noon);
  const parts = collectorParts(clock);
  const { metrics } = parts;
  const cache = createRecordCache({
    ...disklessParts,
    publish: (record) => publishRecord(metrics, record),
    yieldNow: settle,
  });
  const samples: PushSample[] = [];
  const actions: ControlAction[] = [];
  const log: string[] = [];
  const answer = <T>(items: readonly T[]) => ({ items, malformed: 0, warnings: [] });
  const isIn = ({ from, to }: Window, at: number) => at >= from && at <= to;
  const collectors = createCollectors({
    ...parts,
    log: createLog({ level: 'info', format: 'logfmt', write: (line) => log.push(line), now: clock.now }),
    cache,
    providerOf(name) {
      const provider = providerOf(name);
      return {
        ...provider,
        createSources(account, parts) {
          const { push_stats, control_history } = provider.createSources(account, parts);
          return {
            ...(push_stats && {
              push_stats: {
                ...push_stats,
                listPushSamples: async (_, window) =>
                  answer(samples.filter(({ measuredAt }) => isIn(window, measuredAt))),
              },
            }),
            ...(control_history && {
              control_history: {
                ...control_history,
                listControlActions: async ({ domain }, window) =>
                  answer(
                    actions.filter((action) => action.domain === domain && isIn(window, action.actedAt)),
                  ),
              },
            }),
          };
        },
      };
    },
  });
  return {
    clock,
    /** Lines of the log so far. */
    log,
    /** Samples at the provider, of every stream; a test can add more. */
    samples,
    /** Actions at the provider; a test can add more. */
    actions,
    async apply(yaml: string) {
      const loaded = await readYaml(accountsYaml + yaml, env);
      if ('problems' in loaded) throw new Error(JSON.stringify(loaded.problems));
      await collectors.apply(loaded.config, loaded.secrets, clock.now());
    },
    /** Polls the due targets. */
    poll: () => Promise.all(collectors.all().map(({ poller }) => poller.start(clock.now()))),
    flush: () => cache.flush(clock.now()),
    /** Returns the lines with values of the named metrics. */
    async lines(...names: readonly string[]): Promise<readonly string[]> {
      for (const collector of collectors.all()) collector.setState();
      await metrics.control.updated();
      const lines = (await scrapeText(metrics)).split('\n');
      return lines.filter((line) => names.includes(/^[a-z_]+/.exec(line)?.[0] ?? ''));
    },
    async [Symbol.asyncDispose]() {
      await Promise.all([collectors.close(), clock.advance(60_000)]);
    },
  };
}
