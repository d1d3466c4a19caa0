import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { runCases } from './promtool.ts';

const directory = mkdtempSync(join(tmpdir(), 'livestream-promtool-'));
const cases = [{ name: 'any', interval: '5s', series: {}, firing: { '5s': [] } }];

afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(directory, { recursive: true });
});

test('a promtool that is killed fails the cases with a message, although it writes none', () => {
  writeFileSync(join(directory, 'promtool'), '#!/bin/sh\nkill -9 $$\n');
  chmodSync(join(directory, 'promtool'), 0o700);
  vi.stubEnv('PATH', `${directory}:${process.env.PATH}`);

  expect(() => runCases('groups: []\n', cases)).toThrow(/promtool test rules/);
});
