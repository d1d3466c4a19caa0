import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { openWebSettings } from '../../src/app/web-settings.ts';
import { type LoadedWebConfig, readWebConfigFile, type WebConfig } from '../../src/config/web/load.ts';
import { createLog } from '../../src/log.ts';
import { fileStamp } from '../../src/text/text-file.ts';
import { settle } from '../support/manual-clock.ts';
import { pem, tls } from '../support/tls-files.ts';

const plain: WebConfig = {
  tls: undefined,
  headers: {},
  users: new Map(),
  rateLimit: undefined,
  secretFiles: [],
};
const alice: WebConfig = { ...plain, users: new Map([['alice', 'hash']]) };
const reloaded = 'level=info msg="web config reloaded" file=web.yml';
const notReloaded = (fields: string): string =>
  `level=error msg="web config not reloaded; the old one stays active" file=web.yml ${fields}`;

type Content = { readonly config: WebConfig } | { readonly problems: [] | [{ readonly text: string }] };

/** Settings whose files and clock the test controls. */
async function createTest(start: WebConfig = plain) {
  const stamps: Record<string, string> = { 'web.yml': '1', 'cert.pem': '1' };
  const lines: string[] = [];
  let now = 0;
  let loads = 0;
  let content: Content = { config: start };
  let files: readonly string[] = ['web.yml', 'cert.pem'];
  /** Called while the files are read, after their stamps. */
  let whileReading: () => void = () => undefined;
  const writeLine = (line: string) => void lines.push(line.replace(/^ts=\S+ /, '').trim());
  const opened = await openWebSettings({
    file: 'web.yml',
    load: async (): Promise<LoadedWebConfig> => {
      loads += 1;
      const found = new Map(files.map((path) => [path, stamps[path]]));
      const loaded = content;
      whileReading();
      if ('config' in loaded) return { ...loaded, stamps: found };
      const problems = loaded.problems.map(({ text }) => ({
        line: 2,
        column: 3,
        path: 'tls_server_config.key_file',
        text,
      }));
      return { problems, stamps: found };
    },
    stampOf: async (path) => stamps[path],
    elapsed: () => now,
    log: createLog({ level: 'info', format: 'logfmt', write: writeLine, now: () => 0 }),
  });
  if ('problems' in opened) throw new Error(JSON.stringify(opened.problems));
  const { settings: source } = opened;
  const changes: unknown[] = [];
  source.onChange((settings) => changes.push(settings));
  const started = loads;
  /** Lets a request come in a second later, and waits for the check. */
  const later = async () => {
    now += 1_000;
    source.current();
    await settle();
  };
  const set = (file: string, to: Content) => {
    stamps[file] = `${stamps[file]}1`;
    content = to;
  };
  return {
    source,
    lines,
    changes,
    loads: () => loads - started,
    later,
    set,
    name: (paths: readonly string[]) => {
      files = paths;
    },
    during: (action: () => void) => {
      whileReading = action;
    },
    /** Changes a file, and lets a request come in a second later. */
    change: async (file: string, to: Content) => {
      set(file, to);
      await later();
    },
  };
}

test('loads the files again if one of them has changed, and not otherwise', async () => {
  const { source, changes, lines, loads, change, later } = await createTest();
  await later();
  await later();
  expect(loads()).toBe(0);
  const changed = { ...plain, headers: { 'X-Frame-Options': 'deny' } };
  await change('cert.pem', { config: changed });

  expect(source.current()).toBe(changed);
  expect(changes).toEqual([changed]);
  expect(lines).toEqual([reloaded]);
});

test('notices a change between the start and the first request', async () => {
  const { source, change } = await createTest();
  const changed = { ...plain, headers: { 'X-Frame-Options': 'deny' } };
  await change('cert.pem', { config: changed });

  expect(source.current()).toBe(changed);
});

test('looks at the files at most once a second', async () => {
  const { source, loads, later, change } = await createTest();
  await later();
  await change('web.yml', { config: { ...plain } });
  for (let i = 0; i < 10; i++) source.current();
  await settle();

  expect(loads()).toBe(1);
});

test('keeps the settings if the new ones have problems, and says which, once', async () => {
  const { source, changes, lines, change, later } = await createTest();
  await change('web.yml', { problems: [{ text: 'file not found' }] });
  await later();

  expect(source.current()).toBe(plain);
  expect(changes).toEqual([]);
  expect(lines).toEqual([
    notReloaded('line=2 column=3 path=tls_server_config.key_file problem="file not found"'),
  ]);
});

test('reports whether the last load succeeded, and why not', async () => {
  const { source, change } = await createTest();
  const reloads: boolean[] = [];
  source.onReload((isSuccessful) => reloads.push(isSuccessful));
  expect(source.problems()).toEqual([]);

  await change('web.yml', { problems: [{ text: 'file not found' }] });
  expect(source.problems()).toEqual(['web.yml:2:3: tls_server_config.key_file: file not found']);
  await change('web.yml', { config: { ...plain } });

  expect(source.problems()).toEqual([]);
  expect(reloads).toEqual([false, true]);
});

test('reports a config that needs a restart as not reloaded', async () => {
  const { source, change } = await createTest(alice);
  await change('web.yml', { config: plain });

  expect(source.problems()).toEqual([expect.stringMatching(/^web\.yml: .* needs a restart$/)]);
});

test('loads a config with a problem again as soon as a file that it names exists', async () => {
  const { source, name, set, change, later } = await createTest();
  name(['web.yml', 'new.pem']);
  await change('web.yml', { problems: [{ text: 'file not found' }] });
  const changed = { ...plain, headers: { 'X-Frame-Options': 'deny' } };
  set('new.pem', { config: changed });
  await later();

  expect(source.current()).toBe(changed);
});

test('reads a file that was incomplete again, and does not report the incomplete one', async () => {
  const { source, lines, set, change, during, later } = await createTest();
  const changed = { ...plain, headers: { 'X-Frame-Options': 'deny' } };
  during(() => {
    during(() => undefined);
    set('web.yml', { config: changed });
  });
  await change('web.yml', { problems: [{ text: 'burst is missing' }] });
  expect(source.current()).toBe(plain);
  await later();

  expect(source.current()).toBe(changed);
  expect(lines).toEqual([reloaded]);
});

test('reads a file again that was completed while it was read, though the first part was valid', async () => {
  const { source, set, change, during, later } = await createTest();
  const changed = { ...plain, headers: { 'X-Frame-Options': 'deny' } };
  during(() => {
    during(() => undefined);
    set('web.yml', { config: changed });
  });
  await change('web.yml', { config: { ...plain } });
  await later();

  expect(source.current()).toBe(changed);
});

test.each([
  [plain, { ...plain, tls }, 'problem="turning TLS on or off needs a restart"'],
  [{ ...plain, tls }, plain, 'problem="turning TLS on or off needs a restart"'],
  [
    { ...plain, tls },
    { ...plain, tls: { ...tls, clientAuth: 'RequireAnyClientCert' as const } },
    'problem="another client_auth_type needs a restart"',
  ],
  [
    alice,
    plain,
    'problem="the file contains no users any more; without a password, everybody could read the exporter, so this needs a restart"',
  ],
  [
    { ...plain, tls },
    { ...plain, tls: { ...tls, cert: 'no certificate' } },
    'path=tls_server_config problem="OpenSSL refuses the certificate or the settings: no start line"',
  ],
])('keeps the settings if the new ones need a restart or are unusable', async (before, after, problem) => {
  const { source, lines, change, later } = await createTest(before);
  await later();
  await change('web.yml', { config: after });

  expect(source.current()).toBe(before);
  expect(lines).toEqual([notReloaded(problem)]);
});

test('keeps the password of users who were added while the exporter runs', async () => {
  const { source, change } = await createTest();
  await change('web.yml', { config: alice });
  expect(source.current()).toBe(alice);
  await change('web.yml', { config: plain });

  expect(source.current()).toBe(alice);
});

/** Certificates as Kubernetes mounts a Secret: the files are links through `..data`, which is replaced atomically. */
test('loads a Secret of Kubernetes again when its link is replaced', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'secret-'));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  const write = (version: string, certificate: string) => {
    mkdirSync(join(directory, version));
    writeFileSync(join(directory, version, 'tls.crt'), pem(certificate));
    writeFileSync(join(directory, version, 'tls.key'), pem(`${certificate}.key`));
    const config = 'tls_server_config: {cert_file: tls.crt, key_file: tls.key}';
    writeFileSync(join(directory, version, 'web.yml'), config);
    symlinkSync(version, join(directory, '..data_tmp'));
    renameSync(join(directory, '..data_tmp'), join(directory, '..data'));
  };
  write('..1', 'server');
  for (const name of ['web.yml', 'tls.crt', 'tls.key']) symlinkSync(`..data/${name}`, join(directory, name));
  const lines: string[] = [];
  const opened = await openWebSettings({
    file: join(directory, 'web.yml'),
    load: readWebConfigFile,
    stampOf: fileStamp,
    elapsed: () => 0,
    log: createLog({ level: 'info', format: 'logfmt', write: (line) => lines.push(line), now: () => 0 }),
  });
  if ('problems' in opened) throw new Error(JSON.stringify(opened.problems));
  const { settings } = opened;
  const changed = new Promise((resolve) => settings.onChange(resolve));
  write('..2', 'renewed');
  rmSync(join(directory, '..1'), { recursive: true });
  settings.current();
  await changed;

  expect(settings.current().tls?.cert).toBe(pem('renewed'));
  expect(lines.join('')).not.toContain('level=error');
});
