import { execFileSync, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { parse, stringify } from 'yaml';
import { startAlertmanager } from '../support/alertmanager.ts';
import { shippedAlertmanagerConfig } from '../support/shipped-config.ts';
import { startSmtpSink } from '../support/smtp-sink.ts';
import { alertmanagerTool } from '../support/tool-path.ts';
import { describeWithTool } from '../support/tools.ts';
import { waitFor } from '../support/wait-for.ts';
import { startWebhook } from '../support/webhook.ts';

const config = join(import.meta.dirname, '..', '..', 'config');

/** Alert as in the data of a template. */
const alert = (status: 'firing' | 'resolved', stream: string) => ({
  status,
  labels: { alertname: 'LivestreamPushMissing', severity: 'critical', account: 'a', domain: 'd', stream },
  annotations: { description: `Stream ${stream} is not pushed.`, runbook_url: 'http://wiki/missing' },
  startsAt: '2026-03-01T16:00:00Z',
  endsAt: '2026-03-01T16:05:00Z',
});

const labels = {
  alertname: 'LivestreamPushMissing',
  severity: 'critical',
  account: 'a',
  provider: 'tencent',
  domain: 'd',
  app_name: 'live',
  stream: 's',
};
const title = '[1 firing] LivestreamPushMissing | a | d';
const text = /^FIRING \(critical\): \n\nSince 20\d\d-\d\d-\d\d \d\d:\d\d:\d\d UTC$/;

describeWithTool('amtool', 'the templates', () => {
  test.each([
    {
      language: 'en',
      title: '[1 firing, 1 resolved] LivestreamPushMissing | a | d',
      text: `FIRING (critical): Stream s is not pushed.

Since 2026-03-01 16:00:00 UTC
Runbook: http://wiki/missing

RESOLVED: LivestreamPushMissing, account a, domain d, stream t

From 2026-03-01 16:00:00 to 2026-03-01 16:05:00 UTC`,
      many: '5 of 7 firing alerts are shown.',
    },
    {
      language: 'zh',
      title: '[触发 1，恢复 1] LivestreamPushMissing | a | d',
      text: `触发（critical）：Stream s is not pushed.

开始时间：2026-03-02 00:00:00（北京时间）
处理手册：http://wiki/missing

恢复：LivestreamPushMissing，账号 a，域名 d，流 t

从 2026-03-02 00:00:00 到 2026-03-02 00:05:00（北京时间）`,
      many: '共 7 条触发的告警，只显示 5 条。',
    },
  ])('name state, alert, time and runbook in language $language, and at most five alerts', (expected) => {
    const alerts = [alert('firing', 's'), alert('resolved', 't')];
    const manyAlerts = Array.from({ length: 7 }, (_, i) => alert('firing', `cam${i}`));
    const many = render(expected.language, '{{ template "livestream.text" . }}', manyAlerts);

    expect(render(expected.language, '{{ template "livestream.title" . }}', alerts)).toBe(expected.title);
    expect(render(expected.language, '{{ template "livestream.text" . }}', alerts)).toBe(expected.text);
    expect(many.match(/cam\d/g)).toEqual(['cam0', 'cam1', 'cam2', 'cam3', 'cam4']);
    expect(many.split('\n').at(-1)).toBe(expected.many);
  });

  test('give the message of the DingTalk bridge', () => {
    // Shape: config of prometheus-webhook-dingtalk 2.1.
    const bridge = parse(readFileSync(join(config, 'dingtalk.yml'), 'utf8')) as {
      templates: string[];
      targets: Record<string, { message: { title: string; text: string } }>;
    };
    const { message } = bridge.targets.livestream ?? {};

    expect(bridge.templates).toEqual(['templates/livestream.zh.tmpl']);
    expect(render('zh', message?.title ?? '', [alert('firing', 's')])).toMatch(/^\[触发 1\] Livestream/);
    expect(render('zh', message?.text ?? '', [alert('firing', 's')])).toMatch(
      /^#### \[触发 1\] LivestreamPushMissing \| a \| d\n\n触发（critical）：Stream s is not pushed\.\n/,
    );
  });

  test('give the messages of robots, after a tab, so that Alertmanager does not parse them as YAML', () => {
    // Shape: receivers of Alertmanager 0.32.
    const { receivers } = parse(readFileSync(join(config, 'receivers-0.32.yml'), 'utf8')) as {
      receivers: { name: string; webhook_configs: { payload: Record<string, Record<string, string>> }[] }[];
    };
    const messages = receivers.map(({ name, webhook_configs: [webhook] }) => {
      const { text = {}, content = {} } = webhook?.payload ?? {};
      return [name, render('en', text.content ?? content.text ?? '', [alert('firing', 's')]).split('\n')[0]];
    });

    expect(messages).toEqual(
      ['dingtalk-robot', 'feishu-robot', 'wecom-robot'].map((name) => [name, `\t${title}`]),
    );
  });
});

describeWithTool('amtool', 'the robots without a bridge', () => {
  test('are receivers from Alertmanager 0.32 on', () => {
    const version = execFileSync('amtool', ['--version'], { encoding: 'utf8' });
    const [, minor = ''] = /version 0\.(\d+)\./.exec(version) ?? [];
    const shipped = parse(shippedAlertmanagerConfig('http://127.0.0.1:1/alerts')) as Shipped;
    const { receivers } = parse(readFileSync(join(config, 'receivers-0.32.yml'), 'utf8')) as Shipped;
    // Quoted texts: Alertmanager's parser takes no tab at the start of a block.
    const all = { ...shipped, receivers: [...shipped.receivers, ...receivers] };
    const merged = stringify(all, { blockQuote: false });

    expect(Number(minor)).toBeGreaterThan(0);
    if (Number(minor) >= 32) expect(checked(merged)).toMatch(/10 receivers/);
    else expect(checked(merged)).toMatch(/field payload not found/);
  });
});

describeWithTool(alertmanagerTool(), 'Alertmanager notifies with the shipped receiver', () => {
  test('wecom', async () => {
    await using api = await startRecorder({ errcode: 0, access_token: 'token' });
    await using alertmanager = await startAlertmanager(
      configOf('wecom', api.url, (text) => text.replaceAll('https://qyapi.weixin.qq.com', api.url)),
    );
    await alertmanager.fire([labels]);

    const message = await waitFor('the message', () => api.requests.find(({ body }) => body !== undefined));
    expect(api.requests[0]?.path).toMatch(/^\/cgi-bin\/gettoken\?corpid=ww0{16}&corpsecret=/);
    expect(message.path).toBe('/cgi-bin/message/send?access_token=token');
    expect(message.body).toMatchObject({ touser: '@all', msgtype: 'text', agentid: '1000002' });
    // Shape: checked above.
    const { content } = (message.body as { text: { content: string } }).text;
    expect(content.slice(0, title.length + 2)).toBe(`${title}\n\n`);
    expect(content.slice(title.length + 2)).toMatch(text);
  });

  test.each([
    {
      name: 'dingtalk',
      bridge: 'http://127.0.0.1:8060',
      path: '/dingtalk/livestream/send',
    },
    {
      name: 'feishu',
      bridge: 'http://127.0.0.1:8080',
      path: '/prometheusalert?type=fs&tpl=prometheus-fs&fsurl=https://open.feishu.cn/open-apis/bot/v2/hook/token-of-the-robot',
    },
  ])('$name', async ({ name, bridge, path }) => {
    await using api = await startRecorder({});
    await using alertmanager = await startAlertmanager(
      configOf(name, api.url, (text) => text.replaceAll(bridge, api.url)),
    );
    await alertmanager.fire([labels]);

    const message = await waitFor('the message', () => api.requests[0]);
    expect(message.path).toBe(path);
    expect(message.body).toMatchObject({ version: '4', status: 'firing', commonLabels: labels });
  });

  test('email', async () => {
    await using sink = await startSmtpSink();
    await using alertmanager = await startAlertmanager(
      configOf('email', 'http://127.0.0.1:1', (text) =>
        text
          .replaceAll('smtp.example.com:587', `${sink.address}\n        require_tls: false`)
          .replaceAll(/auth_(username|password_file): .*\n */g, ''),
      ),
    );
    await alertmanager.fire([labels]);

    const message = await waitFor('the message', () => sink.messages[0]);
    expect(message).toContain(`Subject: ${title}\n`);
    expect(message).toContain('To: on-call@example.com\n');
    expect(message).toContain('Content-Type: text/plain; charset=UTF-8\n');
    expect(message).toContain('\n\nFIRING (critical):');
    expect(message).not.toContain('text/html');
  });

  test.each([
    { name: 'information in working hours', isWorking: true },
    { name: 'no information outside of working hours', isWorking: false },
  ])('$name', async ({ isWorking }) => {
    await using webhook = await startWebhook();
    const shipped = parse(shippedAlertmanagerConfig(webhook.url)) as Shipped;
    const quick = { group_wait: '1s', group_interval: '1s' };
    const other = String(((new Date().getUTCDate() + 13) % 28) + 1);
    await using alertmanager = await startAlertmanager(
      stringify({
        ...shipped,
        route: {
          ...shipped.route,
          ...quick,
          routes: shipped.route.routes.map((route) => ({ ...route, ...quick })),
        },
        time_intervals: [
          { name: 'working-hours', time_intervals: [{ days_of_month: [isWorking ? '1:31' : other] }] },
        ],
      }),
    );
    await alertmanager.fire([
      { ...labels, alertname: 'LivestreamPushPublisherChanged', severity: 'info', stream: 'moved' },
      labels,
    ]);
    const streams = () => webhook.notified.map(({ labels: { stream } }) => stream).sort();

    await waitFor('the critical alert', () => streams().includes('s') || undefined);
    if (isWorking) await waitFor('the information', () => streams().includes('moved') || undefined);
    // Two more group intervals.
    else await sleep(2_500);

    expect(streams()).toEqual(isWorking ? ['moved', 's'] : ['s']);
  });
});

/** Parts of config/alertmanager.yml that a test changes. */
interface Shipped {
  readonly receivers: readonly object[];
  readonly route: { readonly routes: readonly object[] };
}

/** Returns the shipped config in which every alert goes to a receiver at once, with changed addresses. */
function configOf(receiver: string, webhookUrl: string, change: (text: string) => string): string {
  const shipped = parse(change(shippedAlertmanagerConfig(webhookUrl))) as Shipped;
  return stringify({
    ...shipped,
    route: { receiver, group_wait: '0s', group_by: ['alertname', 'account', 'domain'] },
  });
}

/** Returns what amtool says about a config. */
function checked(text: string): string {
  const directory = mkdtempSync(join(tmpdir(), 'livestream-amtool-'));
  try {
    const file = join(directory, 'alertmanager.yml');
    writeFileSync(file, text);
    const { stdout, stderr } = spawnSync('amtool', ['check-config', file], { encoding: 'utf8' });
    return stdout + stderr;
  } finally {
    rmSync(directory, { recursive: true });
  }
}

/** Renders a text with the templates of a language and notified alerts. */
function render(language: string, text: string, alerts: readonly object[]): string {
  const directory = mkdtempSync(join(tmpdir(), 'livestream-template-'));
  try {
    const data = join(directory, 'data.json');
    const common = { alertname: 'LivestreamPushMissing', account: 'a', domain: 'd' };
    writeFileSync(
      data,
      JSON.stringify({ status: 'firing', alerts, groupLabels: common, commonLabels: common }),
    );
    const glob = `--template.glob=${join(config, 'templates', `livestream.${language}.tmpl`)}`;
    return execFileSync(
      'amtool',
      ['template', 'render', glob, `--template.text=${text}`, `--template.data=${data}`],
      { encoding: 'utf8', stdio: 'pipe' },
    ).replace(/\n$/, '');
  } finally {
    rmSync(directory, { recursive: true });
  }
}

/** Server that records requests and answers each of them with the same JSON. */
async function startRecorder(answer: object) {
  const requests: { readonly path: string; readonly body: unknown }[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (chunk: string) => {
      body += chunk;
    });
    request.on('end', () => {
      requests.push({ path: request.url ?? '', body: body === '' ? undefined : JSON.parse(body) });
      response.end(JSON.stringify(answer));
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const bound = server.address();
  return {
    url: `http://127.0.0.1:${typeof bound === 'object' ? bound?.port : ''}`,
    requests,
    async [Symbol.asyncDispose]() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}
