import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { expect, test } from 'vitest';
import { hasTool } from './tools.ts';

test('finds a tool if a directory of the path contains an executable file with its name', () => {
  const directory = mkdtempSync(join(tmpdir(), 'tools-'));
  try {
    writeFileSync(join(directory, 'runs'), '');
    chmodSync(join(directory, 'runs'), 0o755);
    writeFileSync(join(directory, 'text'), '');
    chmodSync(join(directory, 'text'), 0o644);
    const path = ['', join(directory, 'missing'), directory].join(delimiter);

    expect(hasTool('runs', path)).toBe(true);
    expect(hasTool('text', path)).toBe(false);
    expect(hasTool('none', path)).toBe(false);
  } finally {
    rmSync(directory, { recursive: true });
  }
});
