import { expect, test } from 'vitest';
import lock from '../package-lock.json' with { type: 'json' };

interface LockedPackage {
  readonly license?: string;
  readonly integrity?: string;
  readonly resolved?: string;
  readonly dev?: boolean;
  readonly link?: boolean;
}

/** The packages of others, without the project itself, which has the empty path. */
const packages = Object.entries(lock.packages as Readonly<Record<string, LockedPackage>>).filter(
  ([path]) => path !== '',
);

/** Licenses that allow to distribute a package in the image, beside a program under Apache-2.0. */
const allowed = ['0BSD', 'Apache-2.0', 'BSD-2-Clause', 'BSD-3-Clause', 'BlueOak-1.0.0', 'ISC', 'MIT'];

test('every package that the program ships has a license that allows it', () => {
  const shipped = packages.filter(([, { dev }]) => dev !== true);
  const others = shipped.filter(([, { license = 'none' }]) => !allowed.includes(license));

  expect(shipped.length).toBeGreaterThan(20);
  expect(others.map(([path, { license }]) => `${path}: ${license}`)).toEqual([]);
});

test('every package has an integrity hash and no address', () => {
  const unsafe = packages.filter(
    ([, { integrity, resolved }]) => !/^sha512-/.test(integrity ?? '') || resolved !== undefined,
  );

  expect(packages.length).toBeGreaterThan(100);
  expect(unsafe.map(([path]) => path)).toEqual([]);
});
