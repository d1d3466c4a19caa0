import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { noticesOf } from '../../deploy/release/notices.ts';
import { shippedPackages } from '../../deploy/release/shipped-packages.ts';
import manifest from '../../package.json' with { type: 'json' };
import lock from '../../package-lock.json' with { type: 'json' };

const root = join(import.meta.dirname, '..', '..');
const shipped = shippedPackages(lock);
const notices = readFileSync(join(root, 'deploy', 'THIRD_PARTY_NOTICES.txt'), 'utf8');

test('the notices are the license files of the installed packages; `npm run notices` writes them', () => {
  expect(notices).toBe(noticesOf(root, lock));
});

test('the notices name every package of the image, with its version and its license', () => {
  const named = notices.match(/^@?[\w./-]+ \d+\.\d+\.\d+ \([\w.-]+\)$/gm) ?? [];

  expect(named.length).toBeGreaterThan(80);
  expect(named.toSorted()).toEqual(
    shipped.map(({ name, version, license }) => `${name} ${version} (${license})`).toSorted(),
  );
});

test('the npm package and the image contain the notices', () => {
  const dockerfile = readFileSync(join(root, 'Dockerfile'), 'utf8');
  const finalStage = dockerfile.slice(dockerfile.lastIndexOf('\nFROM '));

  expect(manifest.files).toContain('deploy/THIRD_PARTY_NOTICES.txt');
  expect(finalStage).toMatch(/^COPY .*\bdeploy\/THIRD_PARTY_NOTICES\.txt\b.* \.\/$/m);
});

test('no package of the image depends on the processor or the C library, and none runs a script at installation', () => {
  const bound = shipped.filter(
    ({ os, cpu, libc, hasInstallScript }) => (os ?? cpu ?? libc ?? hasInstallScript) !== undefined,
  );
  const native = shipped.flatMap(({ path }) =>
    readdirSync(join(root, path), { recursive: true, encoding: 'utf8' })
      .filter((file) => /(?:\.node|\.so|\.dylib|\.dll|binding\.gyp)$/.test(file))
      .map((file) => join(path, file)),
  );

  expect(bound.map(({ path }) => path)).toEqual([]);
  expect(native).toEqual([]);
});
