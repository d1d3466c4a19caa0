import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

type Fields = Readonly<Record<string, unknown>>;

// Writes the software bill of materials (SBOM) of the packages that npm installs with the program, in the formats
// CycloneDX and SPDX, to the directory of the first argument. The same lockfile, SOURCE_DATE_EPOCH and npm write the
// same bytes.

const root = join(import.meta.dirname, '..', '..');
const manifest = readJson('package.json');
const name = String(manifest.name);
const epoch = Number(process.env.SOURCE_DATE_EPOCH ?? Date.now() / 1000);
const time = new Date(epoch * 1000).toISOString();
const out = resolve(process.argv[2] ?? 'dist/release');

mkdirSync(out, { recursive: true });
const temporary = mkdtempSync(join(tmpdir(), 'sbom-'));
try {
  const project = writeProject();
  for (const [format, extension] of [
    ['cyclonedx', 'cdx'],
    ['spdx', 'spdx'],
  ] as const) {
    const text = execFileSync(
      'npm',
      ['sbom', '--package-lock-only', `--sbom-format=${format}`, '--sbom-type=application'],
      { cwd: project, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 },
    );
    writeFileSync(join(out, `${name}-${manifest.version}.${extension}.json`), withFixedIdentity(text));
  }
} finally {
  rmSync(temporary, { recursive: true });
}

/**
 * Writes the project without its development dependencies, and returns the directory. `npm sbom --omit=dev` is no
 * substitute: it also omits the packages that production and development share, 19 of 92. npm takes the name of the
 * program from the directory.
 */
function writeProject(): string {
  const project = join(temporary, name);
  const lock = readJson('package-lock.json');
  // Cast: npm writes this object.
  const packages = Object.entries(lock.packages as Record<string, Fields>)
    .filter(([, { dev }]) => dev !== true)
    .map(([path, fields]) => [path, withoutDevDependencies(fields)]);
  mkdirSync(project);
  writeFileSync(join(project, 'package.json'), JSON.stringify(withoutDevDependencies(manifest)));
  writeFileSync(
    join(project, 'package-lock.json'),
    JSON.stringify({ ...lock, packages: Object.fromEntries(packages) }),
  );
  return project;
}

function withoutDevDependencies({ devDependencies, ...rest }: Fields): Fields {
  return rest;
}

/** Replaces the random UUID and the time of an SBOM by a hash of the rest and the time of the release. */
function withFixedIdentity(text: string): string {
  const timeless = text.replace(/("(?:timestamp|created)": )"[^"]*"/, `$1"${time}"`);
  const uuid = /[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}/;
  const hash = createHash('sha256').update(timeless.replace(uuid, '')).digest('hex');
  // Version 8: a UUID with a meaning of its own (RFC 9562, section 5.8).
  const fixed = [
    hash.slice(0, 8),
    hash.slice(8, 12),
    `8${hash.slice(13, 16)}`,
    `8${hash.slice(17, 20)}`,
    hash.slice(20, 32),
  ].join('-');
  return timeless.replace(uuid, fixed);
}

function readJson(file: string): Fields {
  return JSON.parse(readFileSync(join(root, file), 'utf8'));
}
