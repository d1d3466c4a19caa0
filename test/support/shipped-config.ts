import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const folder = join(import.meta.dirname, '..', '..', 'config');

/** config/alertmanager.yml with a webhook of the test in place of the placeholder. */
export function shippedAlertmanagerConfig(webhookUrl: string): string {
  return replaced('alertmanager.yml', [['http://127.0.0.1:9095/alerts', webhookUrl]]);
}

/** config/prometheus.yml with addresses (host:port) of the test, and the rules where they stand in this checkout. */
export function shippedPrometheusConfig({
  exporter,
  alertmanager,
}: {
  readonly exporter: string;
  readonly alertmanager: string;
}): string {
  return replaced('prometheus.yml', [
    ['127.0.0.1:10935', exporter],
    ['127.0.0.1:9093', alertmanager],
    ['- rules/*.rules.yml', `- ${JSON.stringify(join(folder, 'rules', '*.rules.yml'))}`],
  ]);
}

function replaced(name: string, replacements: readonly (readonly [shipped: string, own: string])[]): string {
  let text = readFileSync(join(folder, name), 'utf8');
  for (const [shipped, own] of replacements) {
    if (!text.includes(shipped)) throw new Error(`${name} does not say ${shipped}`);
    text = text.replace(shipped, own);
  }
  return text;
}
