#!/usr/bin/env node
// Plain JavaScript with old syntax only, so that each Node.js that users still have can read this file and tell
// them which version the program needs. The program itself would end with a stack trace there.
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

// package.json is in the parent directory of both `src` and `dist`.
const { engines } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
const needed = engines.node.replace('>=', '');

if (isOlder(process.versions.node, needed)) {
  const installed = findInstalledNode();
  const remedy =
    installed === undefined
      ? 'Install it from https://nodejs.org, or use npm on Linux with glibc (x64, arm64), which installs it.'
      : `npm has installed one; run: ${installed} ${fileURLToPath(import.meta.url)}`;
  process.stderr.write(
    `livestream-exporter: needs Node.js ${needed} or newer, this is ${process.versions.node}. ${remedy}\n`,
  );
  process.exitCode = 1;
} else {
  await import('./main.ts');
}

/**
 * Returns the path of the Node.js that npm has installed with the program; undefined if there is none. npx and npm
 * scripts use it, but a shell that starts the program by its path does not.
 */
function findInstalledNode() {
  // The directory of packages is the parent of an installed program, and a child of a checkout.
  for (const directory of ['../../.bin/node', '../node_modules/.bin/node']) {
    const path = fileURLToPath(new URL(directory, import.meta.url));
    if (existsSync(path)) return path;
  }
  return undefined;
}

/**
 * @param {string} version such as 24.15.0
 * @param {string} other such as 24.15
 */
function isOlder(version, other) {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [otherMajor = 0, otherMinor = 0] = other.split('.').map(Number);
  return major < otherMajor || (major === otherMajor && minor < otherMinor);
}
