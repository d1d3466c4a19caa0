import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import manifest from '../../package.json' with { type: 'json' };
import lock from '../../package-lock.json' with { type: 'json' };

interface CycloneDx {
  readonly metadata: { readonly timestamp: string; readonly component: { readonly name: string } };
  readonly components: readonly {
    readonly name: string;
    readonly version: string;
    readonly licenses: readonly { readonly license: { readonly id: string } }[];
    readonly hashes: readonly { readonly alg: string; readonly content: string }[];
  }[];
  readonly dependencies: readonly { readonly ref: string; readonly dependsOn: readonly string[] }[];
}

interface Spdx {
  readonly creationInfo: { readonly created: string };
  readonly packages: readonly {
    readonly name: string;
    readonly versionInfo: string;
    readonly licenseDeclared: string;
    readonly checksums?: readonly { readonly algorithm: string; readonly checksumValue: string }[];
  }[];
}

interface LockedPackage {
  readonly version: string;
  readonly license: string;
  readonly integrity: string;
  readonly dev?: boolean;
}

const root = join(import.meta.dirname, '..', '..');
const directory = mkdtempSync(join(tmpdir(), 'sbom-test-'));
afterAll(() => rmSync(directory, { recursive: true }));

const cyclonedxFile = `livestream-exporter-${manifest.version}.cdx.json`;
const spdxFile = `livestream-exporter-${manifest.version}.spdx.json`;
let cyclonedxText = '';
let spdxText = '';

/** Writes the SBOM to a directory, and returns the text of each file. */
function writeSbom(name: string): Readonly<Record<string, string>> {
  const out = join(directory, name);
  execFileSync(process.execPath, ['deploy/release/sbom.ts', out], {
    cwd: root,
    env: { ...process.env, SOURCE_DATE_EPOCH: '1767225600' },
  });
  return Object.fromEntries(readdirSync(out).map((file) => [file, readFileSync(join(out, file), 'utf8')]));
}

beforeAll(() => {
  const texts = writeSbom('first');
  expect(Object.keys(texts).toSorted()).toEqual([cyclonedxFile, spdxFile]);
  cyclonedxText = texts[cyclonedxFile] ?? '';
  spdxText = texts[spdxFile] ?? '';
}, 60_000);

/** The packages that npm installs with the program, one line each: name, version, license, SHA-512 in hexadecimal. */
const locked = Object.entries(lock.packages as unknown as Readonly<Record<string, LockedPackage>>)
  .filter(([path, { dev }]) => path !== '' && dev !== true)
  .map(([path, { version, license, integrity }]) => {
    const hash = Buffer.from(integrity.replace('sha512-', ''), 'base64').toString('hex');
    return `${path.replace(/^.*node_modules\//, '')} ${version} ${license} ${hash}`;
  })
  .toSorted();

test('CycloneDX names every package of the lockfile that is installed with the program', () => {
  const { components } = JSON.parse(cyclonedxText) as CycloneDx;
  const lines = components.map(({ name, version, licenses, hashes }) => {
    const ids = licenses.map(({ license }) => license.id);
    return [name, version, ...ids, ...hashes.map(({ content }) => content)].join(' ');
  });

  expect(locked.length).toBeGreaterThan(80);
  expect(lines.toSorted()).toEqual(locked);
});

test('SPDX names every package of the lockfile that is installed with the program', () => {
  const { packages } = JSON.parse(spdxText) as Spdx;
  const lines = packages
    .filter(({ name }) => name !== 'livestream-exporter')
    .map(({ name, versionInfo, licenseDeclared, checksums = [] }) =>
      [name, versionInfo, licenseDeclared, ...checksums.map(({ checksumValue }) => checksumValue)].join(' '),
    );

  expect(lines.toSorted()).toEqual(locked);
});

test('CycloneDX names the direct dependencies, and every package is reachable from the program', () => {
  const { dependencies } = JSON.parse(cyclonedxText) as CycloneDx;
  const dependsOn = new Map(dependencies.map(({ ref, dependsOn }) => [ref, dependsOn]));
  const program = `livestream-exporter@${manifest.version}`;
  const reached = new Set([program]);
  for (const ref of reached) for (const other of dependsOn.get(ref) ?? []) reached.add(other);

  const direct = Object.entries({ ...manifest.dependencies, ...manifest.optionalDependencies });
  expect(dependsOn.get(program)?.toSorted()).toEqual(direct.map((pair) => pair.join('@')).toSorted());
  expect(reached.size).toBe(locked.length + 1);
});

test('the SBOM contains no path of this machine and no address of a registry', () => {
  const { metadata } = JSON.parse(cyclonedxText) as CycloneDx;
  const addresses = [cyclonedxText, spdxText].flatMap((text) => text.match(/\w+:\/\/[^"]*/g) ?? []);

  expect(metadata.component.name).toBe('livestream-exporter');
  // The names of the formats.
  expect(addresses.map((address) => address.replace(/-[\da-f-]{36}$/, ''))).toEqual([
    'http://cyclonedx.org/schema/bom-1.5.schema.json',
    `http://spdx.org/spdxdocs/livestream-exporter-${manifest.version}`,
  ]);
  for (const text of [cyclonedxText, spdxText]) {
    expect(text).not.toContain(root);
    expect(text).not.toContain(tmpdir());
  }
});

test('the same lockfile and time give the same SBOM', () => {
  expect(writeSbom('second')).toEqual({ [cyclonedxFile]: cyclonedxText, [spdxFile]: spdxText });
  expect((JSON.parse(cyclonedxText) as CycloneDx).metadata.timestamp).toBe('2026-01-01T00:00:00.000Z');
  expect((JSON.parse(spdxText) as Spdx).creationInfo.created).toBe('2026-01-01T00:00:00.000Z');
}, 60_000);
