import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { expect, test } from 'vitest';
import { alertmanagerTool, hasTool } from './tool-path.ts';

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

test('finds Alertmanager under the name of its project, else under that of Debian', () => {
  const directory = mkdtempSync(join(tmpdir(), 'tools-'));
  try {
    expect(alertmanagerTool(directory)).toBe('prometheus-alertmanager');

    writeFileSync(join(directory, 'alertmanager'), '', { mode: 0o755 });

    expect(alertmanagerTool(directory)).toBe('alertmanager');
  } finally {
    rmSync(directory, { recursive: true });
  }
});
