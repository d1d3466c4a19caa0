import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startOnFreePort } from './free-port.ts';
import { alertmanagerTool } from './tool-path.ts';
import { waitFor } from './wait-for.ts';

/** Alert in Alertmanager, whether notified or not. */
export interface HeldAlert {
  readonly labels: Readonly<Record<string, string>>;
  /** `suppressed`: muted by an inhibition or a silence. */
  readonly state: 'active' | 'suppressed' | 'unprocessed';
  /** Fingerprints of the alerts that inhibit it. */
  readonly inhibitedBy: readonly string[];
  readonly fingerprint: string;
}

export interface Alertmanager extends AsyncDisposable {
  /** host:port. */
  readonly address: string;
  /** Returns all unresolved alerts. */
  alerts(): Promise<readonly HeldAlert[]>;
  /** Posts firing alerts with these labels, as Prometheus does. */
  fire(labels: readonly Readonly<Record<string, string>>[]): Promise<void>;
}

/** Place of an Alertmanager in a cluster. */
export interface ClusterPlace {
  /** Its own host:port in the cluster. */
  readonly listen: string;
  /** host:port of the others. */
  readonly peers: readonly string[];
}

/**
 * Starts a real Alertmanager on a free loopback port, with its own data directory. Without a place, it
 * belongs to no cluster.
 */
export function startAlertmanager(config: string, place?: ClusterPlace): Promise<Alertmanager> {
  return startOnFreePort((port) => startAt(port, config, place));
}

async function startAt(port: number, config: string, place: ClusterPlace | undefined): Promise<Alertmanager> {
  const directory = mkdtempSync(join(tmpdir(), 'livestream-alertmanager-'));
  writeFileSync(join(directory, 'alertmanager.yml'), config);
  const address = `127.0.0.1:${port}`;
  const child = spawn(
    alertmanagerTool(),
    [
      `--config.file=${join(directory, 'alertmanager.yml')}`,
      `--storage.path=${join(directory, 'data')}`,
      `--web.listen-address=${address}`,
      ...(place === undefined
        ? // An empty address disables clustering.
          ['--cluster.listen-address=']
        : [
            `--cluster.listen-address=${place.listen}`,
            `--cluster.advertise-address=${place.listen}`,
            ...place.peers.map((peer) => `--cluster.peer=${peer}`),
          ]),
    ],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  );
  let log = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    log += text;
  });
  let hasClosed = false;
  // Unlike the exit, this comes after all of the log.
  child.once('close', () => {
    hasClosed = true;
  });

  const alertmanager: Alertmanager = {
    address,
    async alerts() {
      const response = await fetch(`http://${address}/api/v2/alerts`);
      // Shape: Alertmanager API v2, "GET /alerts".
      const alerts = (await response.json()) as readonly {
        labels: Record<string, string>;
        fingerprint: string;
        status: { state: HeldAlert['state']; inhibitedBy: string[] };
      }[];
      return alerts.map(({ labels, fingerprint, status }) => ({ labels, fingerprint, ...status }));
    },
    async fire(labels) {
      const response = await fetch(`http://${address}/api/v2/alerts`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(
          labels.map((alertLabels) => ({ labels: alertLabels, startsAt: new Date().toISOString() })),
        ),
      });
      if (!response.ok) throw new Error(`Alertmanager: ${response.status} ${await response.text()}`);
    },
    async [Symbol.asyncDispose]() {
      child.kill('SIGTERM');
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
      rmSync(directory, { recursive: true, force: true });
    },
  };
  await waitFor('Alertmanager to be ready', async () => {
    if (hasClosed) {
      rmSync(directory, { recursive: true, force: true });
      throw new Error(`Alertmanager exited: ${log}`);
    }
    const ready = await fetch(`http://${address}/-/ready`).catch(() => undefined);
    // A process that took the port can respond too.
    return ready?.ok && log.includes('Listening on') ? true : undefined;
  });
  return alertmanager;
}
