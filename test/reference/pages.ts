import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { withGenerated } from '../support/markdown.ts';
import { configPage } from './config-reference.ts';
import { flagPage } from './flag-reference.ts';
import { chineseMetricPage, metricTable, metricTables } from './metric-reference.ts';

const root = join(import.meta.dirname, '..', '..');

/** A file that `npm run reference` writes. */
export interface GeneratedFile {
  /** Absolute path. */
  readonly path: string;
  readonly text: string;
}

/** Returns all generated files: whole pages, and docs/metrics.md with other tables between its marker comments. */
export function generatedFiles(): readonly GeneratedFile[] {
  const metrics = join(root, 'docs', 'metrics.md');
  const metricsText = metricTables.reduce(
    (page, name) => withGenerated(page, name, metricTable(name, 'en'), metrics),
    readFileSync(metrics, 'utf8'),
  );
  const reference = join(root, 'docs', 'reference');
  return [
    { path: metrics, text: metricsText },
    { path: join(reference, 'configuration.md'), text: configPage('en') },
    { path: join(reference, 'command-line.md'), text: flagPage() },
    { path: join(reference, 'zh-CN', 'configuration.md'), text: configPage('zh-CN') },
    { path: join(reference, 'zh-CN', 'metrics.md'), text: chineseMetricPage() },
  ];
}
