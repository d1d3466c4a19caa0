import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard';
import { languages } from '../src/alerting/rules/rule.ts';
import { exporter } from './exporter/exporter.ts';
import { fleet } from './fleet/fleet.ts';
import type { Options } from './frame.ts';
import { stream } from './stream/stream.ts';
import type { Language, Say } from './text.ts';

/** A dashboard and the name of its file. */
export interface DashboardFile {
  readonly file: string;
  readonly language: Language;
  readonly dashboard: Dashboard;
}

const builders = { exporter, fleet, stream };

/** The label in the example config, as in the shipped rules. */
export const shippedOptions: Omit<Options, 'language'> = { labels: ['channel'] };

/** Returns all dashboards in each language. */
export function dashboardFiles(
  options: Omit<Options, 'language'> = shippedOptions,
): readonly DashboardFile[] {
  return languages.flatMap((language) => {
    const say: Say = (text) => text[language];
    const suffix = language === 'zh' ? '.zh-CN' : '';
    return Object.entries(builders).map(([name, build]) => ({
      file: `livestream-${name}${suffix}.json`,
      language,
      dashboard: build(say, { ...options, language }),
    }));
  });
}
