import { expect, test } from 'vitest';
import { startAlertmanager } from '../support/alertmanager.ts';
import { shippedAlertmanagerConfig } from '../support/shipped-config.ts';
import { describeWithTool } from '../support/tools.ts';
import { waitFor } from '../support/wait-for.ts';
import { startWebhook } from '../support/webhook.ts';

type Labels = Readonly<Record<string, string>>;

const job = { job: 'livestream-exporter' };
const account = { ...job, account: 'a', provider: 'tencent' };
const stream = { ...account, domain: 'd', app_name: 'live', stream: 's' };

describeWithTool('prometheus-alertmanager', 'Alertmanager with the shipped config', () => {
  test.each<{ what: string; cause: Labels; muted: readonly Labels[]; heard: readonly Labels[] }>([
    {
      what: 'a forbidden stream is not also missing, but another one is',
      cause: { ...stream, alertname: 'LivestreamForbidden' },
      muted: [
        { ...stream, alertname: 'LivestreamPushMissing' },
        { ...stream, alertname: 'LivestreamPushFpsLow' },
      ],
      heard: [
        { ...stream, alertname: 'LivestreamPushMissing', stream: 'another' },
        { ...stream, alertname: 'LivestreamPushMissing', domain: 'another' },
      ],
    },
    {
      what: 'a missing stream has no low frame rate',
      cause: { ...stream, alertname: 'LivestreamPushMissing' },
      muted: [{ ...stream, alertname: 'LivestreamPushFpsLow' }],
      heard: [{ ...stream, alertname: 'LivestreamPushFpsLow', stream: 'another' }],
    },
    {
      what: 'without an exporter nothing else of its job is believed',
      cause: { ...job, alertname: 'LivestreamExporterDown' },
      muted: [
        { ...stream, alertname: 'LivestreamPushFpsLow' },
        { ...stream, alertname: 'LivestreamForbidden', stream: 'forbidden' },
        { ...account, alertname: 'LivestreamCollectorFailing', collector: 'push_stats' },
        { ...job, alertname: 'LivestreamConfigNotReloaded', instance: 'i' },
        { ...job, alertname: 'LivestreamStateLost', instance: 'i' },
        { ...account, alertname: 'LivestreamTimeLost' },
      ],
      heard: [{ ...stream, alertname: 'LivestreamPushFpsLow', job: 'another' }],
    },
    {
      what: 'a provider that does not tell of pushes mutes the pushes of that account',
      cause: { ...account, alertname: 'LivestreamCollectorFailing', collector: 'push_stats' },
      muted: [
        { ...stream, alertname: 'LivestreamPushFpsLow' },
        { ...account, alertname: 'LivestreamCollectorTargetsFailing', collector: 'push_stats' },
      ],
      heard: [
        { ...stream, alertname: 'LivestreamPushFpsLow', account: 'b' },
        { ...stream, alertname: 'LivestreamForbidden', stream: 'forbidden' },
      ],
    },
    {
      what: 'a provider that does not tell of control actions mutes no push',
      cause: { ...account, alertname: 'LivestreamCollectorFailing', collector: 'control_history' },
      muted: [{ ...account, alertname: 'LivestreamCollectorTargetsFailing', collector: 'control_history' }],
      heard: [
        { ...stream, alertname: 'LivestreamPushMissing' },
        { ...account, alertname: 'LivestreamCollectorTargetsFailing', collector: 'push_stats' },
      ],
    },
  ])('$what', async ({ cause, muted, heard }) => {
    await using webhook = await startWebhook();
    await using alertmanager = await startAlertmanager(shippedAlertmanagerConfig(webhook.url));
    await alertmanager.fire([cause]);
    await alertmanager.fire([...muted, ...heard]);

    const mutedNow = await waitFor('the symptoms to be muted', async () => {
      const alerts = await alertmanager.alerts();
      const found = alerts.filter(({ state }) => state === 'suppressed').map(({ labels }) => labels);
      return alerts.length === 1 + muted.length + heard.length && found.length >= muted.length
        ? found
        : undefined;
    });

    expect(sorted(mutedNow)).toEqual(sorted(muted));
  });
});

function sorted(labels: readonly Labels[]): readonly string[] {
  return labels.map((own) => JSON.stringify(Object.entries(own).sort())).sort();
}
