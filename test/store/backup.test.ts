import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { blocksIn } from '../support/markdown.ts';
import { noon } from '../support/samples.ts';
import { change, openWithDamage, readState } from '../support/state.ts';
import { describeWithTool } from '../support/tools.ts';
import { waitFor } from '../support/wait-for.ts';
import { recordsOf, versionsIn } from './versions.ts';

const saver = join(import.meta.dirname, 'saver.ts');
const page = readFileSync(join(import.meta.dirname, '..', '..', 'docs', 'upgrading.md'), 'utf8');
/** Commands of the page for a copy while the exporter runs. Their directories are `data` and `backup`. */
const commands = blocksIn(page).find(({ code }) => code.includes('.backup'))?.code ?? '';

let directory: string;

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'livestream-backup-'));
  const data = join(directory, 'data');
  mkdirSync(data);
  const { store } = openWithDamage(data);
  await store.save(recordsOf(0).map(change), noon);
  store.close();
});

afterEach(() => {
  rmSync(directory, { recursive: true, force: true });
});

describeWithTool('sqlite3', 'the documented copy of a running exporter', () => {
  test('contains every total at or after the begin of the copy, in each of 20 copies', {
    timeout: 120_000,
  }, async () => {
    const saving = spawn(process.execPath, [saver, join(directory, 'data')], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const saved = progressOf(saving);
    const oldest: number[] = [];
    try {
      for (let copy = 0; copy < 20; copy++) {
        await saved.atLeast(saved.newest() + 1);
        const before = saved.newest();

        execFileSync('sh', ['-c', commands], { cwd: directory, stdio: 'pipe' });

        const { records, damage } = readState(join(directory, 'backup'));
        const versions = records.map(versionsIn);
        expect([damage, records.length]).toEqual([undefined, recordsOf(0).length]);
        expect(versions.filter(({ length }) => length !== 1)).toEqual([]);
        expect(Math.min(...versions.flat())).toBeGreaterThanOrEqual(before);
        oldest.push(Math.min(...versions.flat()));
        rmSync(join(directory, 'backup'), { recursive: true });
      }
    } finally {
      saving.kill('SIGKILL');
      await once(saving, 'close');
    }
    // The program saved and folded meanwhile: each copy waits for a save, and every third save folds.
    expect(oldest.at(-1)).toBeGreaterThan((oldest[0] ?? 0) + 10);
  });
});

test('a copy of the files of a stopped exporter contains every total', async () => {
  const { store } = openWithDamage(join(directory, 'data'));
  await store.save(recordsOf(7).map(change), noon);
  store.close();

  cpSync(join(directory, 'data'), join(directory, 'backup'), { recursive: true });

  const { records, damage } = readState(join(directory, 'backup'));
  expect([damage, [...new Set(records.flatMap(versionsIn))]]).toEqual([undefined, [7]]);
});

/** Reads the versions that the saver reports as saved. */
function progressOf(child: ChildProcess) {
  let newest = 0;
  let rest = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) if (line.startsWith('saved ')) newest = Number(line.slice('saved '.length));
  });
  return {
    newest: () => newest,
    atLeast: (version: number) =>
      waitFor(`version ${version}`, () => (newest >= version ? true : undefined), 20_000),
  };
}
