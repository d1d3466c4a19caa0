#!/usr/bin/env node
// Plain JavaScript with old syntax only, so that each Node.js that users still have can read this file and tell
// them which version the program needs. The program itself would end with a stack trace there.
import { readFileSync } from 'node:fs';

// package.json is in the parent directory of both `src` and `dist`.
const { engines } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
const needed = engines.node.replace('>=', '');

if (isOlder(process.versions.node, needed)) {
  const remedy =
    'Install it from https://nodejs.org, or use npm on Linux with glibc (x64, arm64), which installs it.';
  process.stderr.write(
    `livestream-exporter: needs Node.js ${needed} or newer, this is ${process.versions.node}. ${remedy}\n`,
  );
  process.exitCode = 1;
} else {
  await import('./main.ts');
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
