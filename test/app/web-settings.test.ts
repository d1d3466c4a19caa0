import { expect, test } from 'vitest';
import { createWebSettings } from '../../src/app/web-settings.ts';
import type { LoadedWebConfig, WebConfig } from '../../src/config/web/load.ts';
import type { Log } from '../../src/log.ts';

const first: WebConfig = {
  tls: undefined,
  headers: {},
  users: new Map(),
  rateLimit: undefined,
  files: ['web.yml', 'cert.pem'],
};
const tls: NonNullable<WebConfig['tls']> = {
  cert: 'cert',
  key: 'key',
  clientCa: undefined,
  clientAuth: 'NoClientCert',
  allowedNames: undefined,
  minVersion: 'TLSv1.2',
  maxVersion: 'TLSv1.3',
  ciphers: undefined,
  prefersOwnCiphers: true,
  curves: undefined,
};

/** Settings whose files and clock the test controls. */
function createTest(start: WebConfig = first) {
  const stamps: Record<string, string> = { 'web.yml': '1', 'cert.pem': '1' };
  const lines: string[] = [];
  let now = 0;
  let loads = 0;
  let loaded: LoadedWebConfig = { config: start };
  const write = (level: string) => (message: string, fields?: Readonly<Record<string, unknown>>) =>
    void lines.push([level, message, fields?.problem].filter((part) => part !== undefined).join(' | '));
  const source = createWebSettings({
    file: 'web.yml',
    first: start,
    load: async () => {
      loads += 1;
      return loaded;
    },
    stampOf: async (path) => stamps[path],
    elapsed: () => now,
    log: { debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') } as Log,
  });
  const changes: unknown[] = [];
  source.onChange((settings) => changes.push(settings));
  return {
    source,
    lines,
    changes,
    loads: () => loads,
    /** Changes a file, and lets a request come in a second later. */
    async change(file: string, to: LoadedWebConfig) {
      stamps[file] = `${stamps[file]}1`;
      loaded = to;
      await this.later();
    },
    /** Lets a request come in a second later, and waits for the check. */
    async later() {
      now += 1_000;
      source.current();
      await new Promise((resolve) => setImmediate(resolve));
    },
  };
}

test('loads the files again if one of them has changed, and not otherwise', async () => {
  const { source, changes, lines, loads, change, later } = bound(createTest());
  await later();
  await later();
  expect(loads()).toBe(0);
  const changed = { ...first, headers: { 'X-Frame-Options': 'deny' } };
  await change('cert.pem', { config: changed });

  expect(source.current()).toBe(changed);
  expect(changes).toEqual([changed]);
  expect(lines).toEqual(['info | web config reloaded']);
});

test('looks at the files at most once a second', async () => {
  const { source, loads, later, change } = bound(createTest());
  await later();
  await change('web.yml', { config: { ...first } });
  for (let i = 0; i < 10; i++) source.current();
  await new Promise((resolve) => setImmediate(resolve));

  expect(loads()).toBe(1);
});

test('keeps the settings if the new ones have problems, and says which, once', async () => {
  const { source, changes, lines, change, later } = bound(createTest());
  await later();
  await change('web.yml', {
    problems: [{ line: 2, column: 3, path: 'rate_limit', text: 'burst is missing' }],
  });
  await later();

  expect(source.current()).toBe(first);
  expect(changes).toEqual([]);
  expect(lines).toEqual([
    'error | web config not reloaded; the old one stays active | web.yml:2:3: rate_limit: burst is missing',
  ]);
});

test.each([
  [first, { ...first, tls }, 'turning TLS on or off needs a restart'],
  [{ ...first, tls }, first, 'turning TLS on or off needs a restart'],
  [
    { ...first, tls },
    { ...first, tls: { ...tls, clientAuth: 'RequireAnyClientCert' as const } },
    'another client_auth_type needs a restart',
  ],
])('keeps the settings if the new ones need a restart', async (before, after, problem) => {
  const { source, lines, change, later } = bound(createTest(before));
  await later();
  await change('web.yml', { config: after });

  expect(source.current()).toBe(before);
  expect(lines).toEqual([`error | web config not reloaded; the old one stays active | ${problem}`]);
});

/** Methods that the tests take out of the object. */
function bound(each: ReturnType<typeof createTest>) {
  return { ...each, change: each.change.bind(each), later: each.later.bind(each) };
}
