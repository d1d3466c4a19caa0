import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import { type Alertmanager, startAlertmanager } from '../support/alertmanager.ts';
import { freePort } from '../support/free-port.ts';
import { type Prometheus, startPrometheus } from '../support/prometheus.ts';
import { shippedAlertmanagerConfig, shippedPrometheusConfig } from '../support/shipped-config.ts';
import { startWebhook, type Webhook } from '../support/webhook.ts';
import type { DrillExporter } from './exporter.ts';
import { nameOf } from './report.ts';
import { scaleRoutes, scaleRules } from './scale.ts';

const main = join(import.meta.dirname, '..', '..', 'src', 'main.ts');

/** Prometheus, Alertmanager and a webhook with the shipped configs. */
export interface Stack {
  readonly prometheus: readonly Prometheus[];
  readonly alertmanagers: readonly Alertmanager[];
  readonly webhook: Webhook;
  /** Returns the config of a Prometheus that scrapes these addresses. */
  prometheusConfig(addresses: readonly string[]): string;
}

export interface StackOptions {
  readonly exporters: readonly Pick<DrillExporter, 'address' | 'configFile'>[];
  /** Divisor of the durations of rules and routes. */
  readonly factor: number;
  /** Number of servers of each kind; several Alertmanagers are a cluster. */
  readonly servers?: number;
  /** Replaces the `group_interval` of the routes. */
  readonly groupInterval?: string | undefined;
  /** Receives a line for each notification. */
  readonly report: (line: string) => void;
}

/** Returns a new temporary directory, which is removed at the end. */
export function temporaryDirectory(parts: AsyncDisposableStack): string {
  const directory = mkdtempSync(join(tmpdir(), 'livestream-drill-'));
  parts.defer(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

/** Starts the stack with the rules that the command `rules` prints for the config of the first exporter. */
export async function startStack(
  { exporters, factor, servers = 1, groupInterval, report }: StackOptions,
  parts: AsyncDisposableStack,
): Promise<Stack> {
  const directory = temporaryDirectory(parts);
  const rules = join(directory, 'livestream.rules.yml');
  const shipped = execFileSync(process.execPath, [main, 'rules', exporters[0]?.configFile ?? ''], {
    encoding: 'utf8',
    maxBuffer: 1e8,
  });
  writeFileSync(rules, scaleRules(shipped, factor));

  const webhook = parts.use(
    await startWebhook(({ status, labels }) => report(`${status} ${nameOf(labels)}`)),
  );
  const { host } = new URL(webhook.url);
  const routes = scaleRoutes(
    shippedAlertmanagerConfig(webhook.url).replaceAll('127.0.0.1:9095', host),
    factor,
    groupInterval,
  );
  const listenAddresses = await Promise.all(
    Array.from({ length: servers }, async () => `127.0.0.1:${await freePort()}`),
  );
  const alertmanagers: Alertmanager[] = [];
  for (const listen of listenAddresses) {
    const peers = listenAddresses.filter((address) => address !== listen);
    alertmanagers.push(
      parts.use(await startAlertmanager(routes, servers === 1 ? undefined : { listen, peers })),
    );
  }

  const prometheusConfig = (addresses: readonly string[], replica = 0) => {
    const text = shippedPrometheusConfig({
      exporter: addresses.join('", "'),
      alertmanager: alertmanagers.map(({ address }) => address).join('", "'),
      rules,
    });
    return servers === 1 ? text : asReplica(text, replica);
  };
  const addresses = exporters.map(({ address }) => address);
  const prometheus: Prometheus[] = [];
  for (let i = 0; i < servers; i++) {
    prometheus.push(parts.use(await startPrometheus(prometheusConfig(addresses, i))));
  }
  return { prometheus, alertmanagers, webhook, prometheusConfig };
}

/**
 * Adds the label that tells the Prometheus servers apart, and removes it from alerts, as with several
 * servers.
 */
function asReplica(text: string, replica: number): string {
  // Shape: config/prometheus.yml.
  const config = parse(text) as { readonly global: object; readonly alerting: object };
  return stringify({
    ...config,
    global: { ...config.global, external_labels: { replica: String(replica) } },
    alerting: { ...config.alerting, alert_relabel_configs: [{ action: 'labeldrop', regex: 'replica' }] },
  });
}
