import { expect, test } from 'vitest';
import { startAlertmanager } from '../support/alertmanager.ts';
import { shippedAlertmanagerConfig } from '../support/shipped-config.ts';
import { alertmanagerTool } from '../support/tool-path.ts';
import { describeWithTool } from '../support/tools.ts';
import { waitFor } from '../support/wait-for.ts';
import { startWebhook } from '../support/webhook.ts';

type Labels = Readonly<Record<string, string>>;

const job = { job: 'livestream-exporter' };
const account = { account: 'a', provider: 'tencent' };
const stream = { ...account, domain: 'd', app_name: 'live', stream: 's' };

describeWithTool(alertmanagerTool(), 'Alertmanager with the shipped config', () => {
  test.each<{ name: string; cause: Labels; inhibited: readonly Labels[]; active: readonly Labels[] }>([
    {
      name: 'a forbidden stream inhibits the push alerts of this stream only',
      cause: { ...stream, alertname: 'LivestreamForbidden' },
      inhibited: [
        { ...stream, alertname: 'LivestreamPushMissing' },
        { ...stream, alertname: 'LivestreamPushFpsLow' },
      ],
      active: [
        { ...stream, alertname: 'LivestreamPushMissing', stream: 'another' },
        { ...stream, alertname: 'LivestreamPushMissing', domain: 'another' },
      ],
    },
    {
      name: 'a missing stream inhibits its other alerts',
      cause: { ...stream, alertname: 'LivestreamPushMissing' },
      inhibited: [
        { ...stream, alertname: 'LivestreamPushFpsLow' },
        { ...stream, alertname: 'LivestreamPushFlapping' },
        { ...stream, alertname: 'LivestreamPushBudgetBurnFast' },
      ],
      active: [{ ...stream, alertname: 'LivestreamPushFpsLow', stream: 'another' }],
    },
    {
      name: 'an unreachable exporter inhibits the other alerts of its job',
      cause: { ...job, alertname: 'LivestreamExporterDown' },
      inhibited: [
        { ...stream, alertname: 'LivestreamPushFpsLow' },
        { ...stream, alertname: 'LivestreamForbidden', stream: 'forbidden' },
        { ...account, alertname: 'LivestreamCollectorFailing', collector: 'push_stats' },
        { ...account, alertname: 'LivestreamProviderLagging' },
        { ...job, alertname: 'LivestreamConfigNotReloaded', instance: 'i' },
        { ...job, alertname: 'LivestreamStateLost', instance: 'i' },
        { ...job, alertname: 'LivestreamAlertsNotPosted', instance: 'i', alertmanager: 'am:9093' },
        { ...account, alertname: 'LivestreamTimeLost' },
        { ...job, alertname: 'LivestreamStateNotSaved', instance: 'i' },
        { ...account, alertname: 'LivestreamClockOff' },
      ],
      active: [{ alertname: 'LivestreamWatchdog' }, { ...job, alertname: 'LivestreamExporterAbsent' }],
    },
    {
      name: 'an account that lags inhibits the push alerts of its streams',
      cause: { ...account, alertname: 'LivestreamProviderLagging' },
      inhibited: [{ ...stream, alertname: 'LivestreamPushMissing' }],
      active: [{ ...stream, alertname: 'LivestreamPushMissing', account: 'b' }],
    },
    {
      name: 'video that stands still inhibits the low frame rate and the low bit rate',
      cause: { ...stream, alertname: 'LivestreamPushVideoStalled' },
      inhibited: [
        { ...stream, alertname: 'LivestreamPushFpsCollapsed' },
        { ...stream, alertname: 'LivestreamPushFpsLow' },
        { ...stream, alertname: 'LivestreamPushBitrateLow' },
      ],
      active: [{ ...stream, alertname: 'LivestreamPushKeyframeIntervalLong' }],
    },
    {
      name: 'publishers that push in turn inhibit the change of the publisher',
      cause: { ...stream, alertname: 'LivestreamPushPublishersFighting' },
      inhibited: [{ ...stream, alertname: 'LivestreamPushPublisherChanged' }],
      active: [{ ...stream, alertname: 'LivestreamPushPublisherChanged', stream: 'another' }],
    },
    {
      name: 'a budget that is used up fast inhibits the slow one',
      cause: { ...stream, alertname: 'LivestreamPushBudgetBurnFast' },
      inhibited: [{ ...stream, alertname: 'LivestreamPushBudgetBurnSlow' }],
      active: [{ ...stream, alertname: 'LivestreamPushBudgetBurnSlow', stream: 'another' }],
    },
    {
      name: 'a failing push collector inhibits the push alerts of its account',
      cause: { ...account, alertname: 'LivestreamCollectorFailing', collector: 'push_stats' },
      inhibited: [
        { ...stream, alertname: 'LivestreamPushFpsLow' },
        { ...account, alertname: 'LivestreamProviderLagging' },
        { ...account, alertname: 'LivestreamCollectorTargetsFailing', collector: 'push_stats' },
        { ...account, alertname: 'LivestreamRequestsRejected', operation: 'o' },
      ],
      active: [
        { ...stream, alertname: 'LivestreamPushFpsLow', account: 'b' },
        { ...account, alertname: 'LivestreamProviderLagging', account: 'c' },
        { ...stream, alertname: 'LivestreamForbidden', stream: 'forbidden' },
      ],
    },
    {
      name: 'a failing control history collector inhibits no push alert',
      cause: { ...account, alertname: 'LivestreamCollectorFailing', collector: 'control_history' },
      inhibited: [
        { ...account, alertname: 'LivestreamCollectorTargetsFailing', collector: 'control_history' },
      ],
      active: [
        { ...stream, alertname: 'LivestreamPushMissing' },
        { ...account, alertname: 'LivestreamCollectorTargetsFailing', collector: 'push_stats' },
      ],
    },
  ])('$name', async ({ cause, inhibited, active }) => {
    await using webhook = await startWebhook();
    await using alertmanager = await startAlertmanager(shippedAlertmanagerConfig(webhook.url));
    await alertmanager.fire([cause]);
    await alertmanager.fire([...inhibited, ...active]);

    const suppressed = await waitFor('the symptoms to be inhibited', async () => {
      const alerts = await alertmanager.alerts();
      const found = alerts.filter(({ state }) => state === 'suppressed').map(({ labels }) => labels);
      return alerts.length === 1 + inhibited.length + active.length && found.length >= inhibited.length
        ? found
        : undefined;
    });

    expect(sorted(suppressed)).toEqual(sorted(inhibited));
  });
});

function sorted(labels: readonly Labels[]): readonly string[] {
  return labels.map((set) => JSON.stringify(Object.entries(set).sort())).sort();
}
