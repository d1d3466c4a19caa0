import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const directory = join(import.meta.dirname, '..', '..', 'config');

/** Returns config/alertmanager.yml with the placeholder replaced by a webhook of the test. */
export function shippedAlertmanagerConfig(webhookUrl: string): string {
  return replaced('alertmanager.yml', [
    ['http://127.0.0.1:9095/alerts', webhookUrl],
    ['templates/', `${join(directory, 'templates')}/`],
  ]);
}

/** Returns config/prometheus.yml with addresses (host:port) of the test and the absolute path of the rules. */
export function shippedPrometheusConfig({
  exporter,
  alertmanager,
  rules = join(directory, 'rules', '*.rules.yml'),
}: {
  readonly exporter: string;
  readonly alertmanager: string;
  readonly rules?: string;
}): string {
  return replaced('prometheus.yml', [
    ['127.0.0.1:10935', exporter],
    ['127.0.0.1:9093', alertmanager],
    ['- rules/*.rules.yml', `- ${JSON.stringify(rules)}`],
  ]);
}

function replaced(
  name: string,
  replacements: readonly (readonly [shipped: string, replacement: string])[],
): string {
  let text = readFileSync(join(directory, name), 'utf8');
  for (const [shipped, replacement] of replacements) {
    if (!text.includes(shipped)) throw new Error(`${name} does not contain ${shipped}`);
    text = text.replaceAll(shipped, replacement);
  }
  return text;
}
