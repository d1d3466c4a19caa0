import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';

interface Service {
  readonly image: string;
  readonly command?: readonly string[];
  readonly network_mode?: string;
  readonly ports?: readonly string[];
  readonly volumes?: readonly string[];
}

const directory = join(import.meta.dirname, '..', '..', 'deploy');
const text = readFileSync(join(directory, 'compose.yaml'), 'utf8');
const { services, volumes } = parse(text) as {
  readonly services: Readonly<Record<string, Service>>;
  readonly volumes: Readonly<Record<string, unknown>>;
};
const all = Object.entries(services);

/** Splits `source:target[:mode]`. */
function mountsOf({ volumes: mounts = [] }: Service) {
  return mounts.map((mount) => {
    const [source = '', target = ''] = mount.split(':');
    return { source, target };
  });
}

test('the images of others have exact versions and come from a registry that the user can replace', () => {
  const others = all.filter(([name]) => name !== 'exporter').map(([, { image }]) => image);

  expect(others.length).toBeGreaterThan(2);
  for (const image of others) {
    expect(image).toMatch(/^\$\{IMAGE_REGISTRY:-docker\.io\}\/[\w/-]+:v?\d+\.\d+\.\d+$/);
  }
});

test('every mounted file exists, and every named volume is declared', () => {
  const sources = all.flatMap(([, service]) => mountsOf(service)).map(({ source }) => source);
  const paths = sources.filter((source) => source.startsWith('.'));
  const names = sources.filter((source) => !source.startsWith('.'));

  expect(paths.length).toBeGreaterThan(3);
  expect(paths.filter((path) => !existsSync(join(directory, path)))).toEqual([]);
  expect(names.toSorted()).toEqual(Object.keys(volumes).toSorted());
});

test('the config file of each command is in a mounted directory', () => {
  const flags = all.flatMap(([name, service]) =>
    (service.command ?? []).flatMap((flag) => {
      const file = /^--config\.file=(.+)$/.exec(flag)?.[1];
      return file === undefined ? [] : [{ name, file, mounts: mountsOf(service) }];
    }),
  );

  expect(flags.map(({ name }) => name)).toEqual(['prometheus', 'alertmanager']);
  for (const { file, mounts } of flags) {
    const mount = mounts.find(({ target }) => file.startsWith(`${target}/`));
    const source = join(directory, mount?.source ?? 'missing', file.slice(mount?.target.length));
    expect([file, existsSync(source) && statSync(source).isFile()]).toEqual([file, true]);
  }
});

test('the commented lines run the daemon with live.yaml of the checkout', () => {
  const own = text
    .replace(/^ +command: \["demo".*\n/m, '')
    .replaceAll(/^( +)# ((?:command|environment): |- \.)/gm, '$1$2');
  const { exporter } = (parse(own) as { readonly services: Readonly<Record<string, Service>> }).services;
  const [mount] = mountsOf(exporter ?? { image: '' }).filter(({ source }) => source.startsWith('.'));

  expect(exporter?.command).toEqual(['serve', `--config.file=${mount?.target}`, '--storage.path=/data']);
  // Where the documentation keeps it: the commands run in the checkout.
  expect(join(directory, mount?.source ?? '')).toBe(join(directory, '..', 'live.yaml'));
});

test('the ports are open to this machine only, and the services share the network of the exporter', () => {
  const ports = services.exporter?.ports ?? [];

  expect(ports).toContain('127.0.0.1:10935:10935');
  expect(ports.filter((port) => !port.startsWith('127.0.0.1:'))).toEqual([]);
  for (const [name, { network_mode, ports: own }] of all.filter(([name]) => name !== 'exporter')) {
    expect([name, network_mode, own]).toEqual([name, 'service:exporter', undefined]);
  }
});
