import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { expect, test } from 'vitest';
import { hasTool } from './tools.ts';

test('a tool is there when a folder of the path holds a file of that name that may be executed', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tools-'));
  try {
    writeFileSync(join(folder, 'runs'), '');
    chmodSync(join(folder, 'runs'), 0o755);
    writeFileSync(join(folder, 'text'), '');
    chmodSync(join(folder, 'text'), 0o644);
    const path = ['', join(folder, 'missing'), folder].join(delimiter);

    expect(hasTool('runs', path)).toBe(true);
    expect(hasTool('text', path)).toBe(false);
    expect(hasTool('none', path)).toBe(false);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
