import { expect, test } from 'vitest';
import { createAnswerWarnings } from '../../src/collectors/answer-warnings.ts';
import { createLog } from '../../src/log.ts';
import { createExporterMetrics } from '../../src/metrics/exporter/exporter-metrics.ts';
import { noon } from '../support/samples.ts';

test('counts future rows each time, logs them once per account, and passes gaps on', async () => {
  const log: string[] = [];
  const gaps: string[] = [];
  const metrics = createExporterMetrics({ version: '', nodeVersion: '' });
  metrics.addAccount({ account: 'main', provider: 'tencent' }, { push_stats: 10_000 });
  const tell = createAnswerWarnings(
    {
      account: { account: 'main', provider: 'tencent' },
      log: createLog({ level: 'info', format: 'logfmt', write: (line) => log.push(line), now: () => noon }),
    },
    metrics,
    'ListPushes',
    { add: (target) => gaps.push(target) },
  );
  const odd = {
    skipped: { future: 2, late: 0, changed: 0, duplicate: 0 },
    malformed: 0,
    warnings: [],
    gap: undefined,
  };

  tell('news', odd);
  tell('sport', odd);
  tell('music', { ...odd, skipped: { ...odd.skipped, future: 0 }, gap: { from: noon, to: noon + 1 } });

  expect(gaps).toEqual(['music']);
  expect(log).toEqual([
    'ts=2026-03-01T12:00:00.000Z level=warn msg="rows with a time more than 60 s in the future were skipped: check ' +
      'the clock of this host" account=main operation=ListPushes target=news\n',
  ]);
  expect(await metrics.render('text')).toMatch(/^livestream_samples_skipped_total\{.*reason="future"\} 4$/m);
});
