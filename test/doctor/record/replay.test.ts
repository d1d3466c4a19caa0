import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Http, HttpResponse } from '../../../src/calls/call.ts';
import type { Sources } from '../../../src/model/questions.ts';
import { providerOf } from '../../../src/providers/registry.ts';
import { httpResponse, type SavedExchange, savedExchange } from '../../providers/recorded.ts';
import { bareProviderParts } from '../../support/provider-parts.ts';
import { noon } from '../../support/samples.ts';
import { runOnSimulator } from '../run-doctor.ts';

let directory = '';

beforeEach(() => {
  directory = join(mkdtempSync(join(tmpdir(), 'record-')), 'answers');
});

afterEach(() => {
  rmSync(join(directory, '..'), { recursive: true });
});

const names = ['lobby', 'atrium', 'acme', 'studio'];
const addresses = ['10.20.30.40', '10.20.30.50', '2001:4860::77'];

/** Streams with names, addresses and control actions, in all forms of responses that the simulator has. */
const scenarioWith = (more: string, api: string, format = 'json') => `
name: recorded
noise: 20%
${more}
account: {api: api3, app_id: 1251234567, site: international, discover: ${api === 'api3'}}
alibaba: {format: ${format}, discover: true}
streams:
  - {name: lobby, api: ${api}, app_name: studio, domain: in.acme.io, client_ip: 10.20.30.40, server_ip: 10.20.30.50,
     story: [{at: 1m, for: 2m, fps: 40%}, {at: 4m, for: 30s, cut: drop}, {at: 6m, second_publisher: "2001:4860::77"}]}
  - {name: atrium, api: ${api}, app_name: studio, domain: in.acme.io, client_ip: 10.20.30.40, stop: 9m}
${
  api === 'alibaba'
    ? 'domains: [{name: in.acme.io, app_names: [studio], push_domains: [push.acme.io], story: [{at: 9m, stream: lobby, app_name: studio, action: forbid, client_ip: 10.20.30.40}]}]'
    : ''
}
`;

const variants = {
  'API 3.0': scenarioWith('', 'api3'),
  'statistics API': scenarioWith('', 'statcgi'),
  'statistics API, rows in a text': scenarioWith(
    'provider: {output: text, time: epoch, numbers: string}',
    'statcgi',
  ),
  'statistics API, list of rows': scenarioWith('provider: {output: rows, time: iso}', 'statcgi'),
  Alibaba: scenarioWith('', 'alibaba'),
  'Alibaba, XML': scenarioWith('', 'alibaba', 'xml'),
};

test.each(Object.entries(variants))(
  'saves answers that readers read like the original ones: %s',
  async (_, scenario) => {
    const originals: HttpResponse[] = [];
    const { code, env, err } = await runOnSimulator({
      scenario,
      flags: { recordDirectory: directory },
      onResponse: (response) => originals.push(response),
    });

    expect(code).toBe(0);
    expect(err).toMatch(/^[1-9]\d* answers? saved in .*, without names, addresses and secrets; /);
    const files = readdirSync(directory).toSorted((a, b) => numberOf(a) - numberOf(b));
    expect(files).toHaveLength(originals.length);
    for (const [i, file] of files.entries()) {
      const text = readFileSync(join(directory, file), 'utf8');
      for (const secret of [...Object.values(env), ...names, ...addresses, '1251234567']) {
        expect(text).not.toContain(secret);
      }
      expect(statSync(join(directory, file)).mode & 0o777).toBe(0o600);

      const saved = savedExchange(text);
      const response = originals[i] ?? httpResponse('');
      const original = { ...saved, query: realQuery(saved), response };
      const expected = await itemsOf(original);
      expect(expected.length).toBeGreaterThan(0);
      expect(withoutIdentity(await itemsOf(saved))).toEqual(withoutIdentity(expected));
    }
  },
);

test('continues earlier recordings', async () => {
  const account = { scenario: variants['statistics API'], flags: { recordDirectory: directory } };
  await runOnSimulator(account);
  await runOnSimulator(account);

  expect(readdirSync(directory).toSorted()).toEqual([
    'tencent.Get_LivePushStatHistory.1.recording.json',
    'tencent.Get_LivePushStatHistory.2.recording.json',
  ]);
});

test('does not use a directory with other files, and sends no request', async () => {
  const parent = join(directory, '..');
  writeFileSync(join(parent, 'notes.txt'), '');

  const { code, out, err, requests } = await runOnSimulator({
    scenario: variants['statistics API'],
    flags: { recordDirectory: parent },
  });

  expect([code, out]).toEqual([2, '']);
  expect(err).toContain('the directory contains "notes.txt", which is no recording; use an empty directory');
  expect(requests).toEqual({});
});

test('does not wait for a directory that the system cannot create', async () => {
  // Linux reports the existing parent of a new directory below /proc as missing.
  const { code, err, requests } = await runOnSimulator({
    scenario: variants['statistics API'],
    flags: { recordDirectory: '/proc/none' },
  });

  expect({ code, requests }).toEqual({ code: 2, requests: {} });
  expect(err).toMatch(/^--record=\/proc\/none: \w+: .*mkdir/);
});

test('names a file in place of the directory', async () => {
  const parent = join(directory, '..');
  writeFileSync(join(parent, 'notes.txt'), 'mine');

  const { code, err } = await runOnSimulator({
    scenario: variants['statistics API'],
    flags: { recordDirectory: join(parent, 'notes.txt') },
  });

  expect(code).toBe(2);
  expect(err).toBe(`--record=${join(parent, 'notes.txt')}: it is not a directory\n`);
});

test('saves the answer of a failure, with its code and status', async () => {
  await runOnSimulator({
    scenario: `${variants.Alibaba}\n`.replace(
      'discover: true}',
      'discover: true, story: [{at: 0s, answer: NoPermission}]}',
    ),
    flags: { recordDirectory: directory },
  });

  const [file = ''] = readdirSync(directory);
  const { response } = savedExchange(readFileSync(join(directory, file), 'utf8'));
  expect(response.status).toBe(403);
  expect(JSON.parse(response.text)).toMatchObject({
    Code: 'NoPermission',
    HostId: expect.stringMatching(/^192\.0\.2\.1:\d+$/),
  });
});

/** Returns the parameters with the real names, in place of their replacements. */
function realQuery({ query }: SavedExchange): SavedExchange['query'] {
  const real: Readonly<Record<string, string>> = {
    'stream-1': 'lobby',
    'stream-2': 'atrium',
    'app-1': 'studio',
    'domain-1.example.com': 'in.acme.io',
  };
  return Object.fromEntries(
    Object.entries(query).map(([name, value]) => {
      if (value === 'push-2.example.com') return [name, 'push.acme.io'];
      return [name, real[String(value)] ?? value];
    }),
  );
}

function numberOf(file: string): number {
  return Number(/\.(\d+)\.recording/.exec(file)?.[1]);
}

const never = new AbortController().signal;

/** Reads a response with the reader of its operation, and returns the items. */
async function itemsOf({ provider, operation, query, response }: SavedExchange): Promise<readonly object[]> {
  const http: Http = async () => response;
  const name = operation === 'Get_LivePushStatHistory' ? 'statcgi' : 'api3';
  const sources = sourcesOf(provider, name, http, query);
  const text = (key: string) => String(query[key] ?? '');
  const app = { domain: text('DomainName') || text('PushDomain'), appName: text('AppName') };
  const window = { from: noon - 3_600_000, to: noon + 10_000 };
  const stream = {
    account: 'a',
    provider: 'tencent',
    ...app,
    stream: text('StreamName') || text('Param.s.stream_id'),
  } as const;
  const reader = Object.values(sources).find((source) => source?.operation === operation);
  if (reader === undefined) throw new Error(`no reader for ${operation}`);
  if ('listPushSamples' in reader) return (await reader.listPushSamples(stream, window, never)).items;
  if ('listMinuteRates' in reader) {
    const pushed = { ...stream, pushDomain: app.domain };
    return (await reader.listMinuteRates(pushed, window, never)).items;
  }
  if ('listOnlineStreams' in reader) return (await reader.listOnlineStreams(app, never)).items;
  if ('listControlActions' in reader) {
    const domain = { ...app, appName: undefined, appNames: [app.appName] };
    const { items, ends = [] } = await reader.listControlActions(domain, window, never);
    return [...items, ...ends];
  }
  if ('listForbiddenStreams' in reader) {
    const list = await reader.listForbiddenStreams(app.domain, never);
    return [{ count: list?.items.length }];
  }
  if ('listDomains' in reader) {
    const { push, main } = await reader.listDomains(app.domain, never);
    return [{ push: push.length, main: main.length }];
  }
  throw new Error(`no reader for ${operation}`);
}

function sourcesOf(provider: string, api: string, http: Http, query: SavedExchange['query']): Sources {
  const settings = {
    ...{ api, endpoint: 'http://127.0.0.1', appId: 1, timeZoneOffsetMs: 28_800_000, site: 'international' },
    ...{ credentialsFrom: 'static', signature: 'v3', format: 'json' },
    pushDomains: { [String(query.DomainName)]: [String(query.DomainName)] },
  };
  return providerOf(provider).createSources(
    { settings, getSecret: (name) => (/token/i.test(name) ? undefined : 'k') },
    bareProviderParts(http),
  );
}

/** Returns items without names, addresses and IDs; those of values that are equal stay equal. */
function withoutIdentity(items: readonly object[]): readonly unknown[] {
  const hidden = new Set(['clientIp', 'serverIp', 'session', 'stream', 'domain', 'appName', 'pushDomain']);
  const numbers = new Map<unknown, number>();
  const replace = (key: string, value: unknown) => {
    if (!hidden.has(key) || value === undefined) return value;
    if (!numbers.has(value)) numbers.set(value, numbers.size);
    return `${key} ${numbers.get(value)}`;
  };
  return items.map((item) => JSON.parse(JSON.stringify(item, replace)));
}
