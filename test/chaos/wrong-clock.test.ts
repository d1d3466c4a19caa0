import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { waitFor } from '../support/wait-for.ts';

const preload = pathToFileURL(join(import.meta.dirname, 'wrong-clock.ts')).href;

/** Program that prints the clocks of its process repeatedly. */
const program = `
setInterval(() => {
  const elapsed = performance.now();
  const right = performance.timeOrigin + elapsed;
  const date = new Date();
  console.log(JSON.stringify({
    elapsed,
    now: Date.now() - right,
    date: date.getTime() - right,
    made: [new Date(5).getTime(), Date.UTC(1970, 0, 2), Date.parse('1970-01-02'), date instanceof Date],
  }));
}, 5);
`;

interface Told {
  readonly elapsed: number;
  /** Milliseconds ahead. */
  readonly now: number;
  readonly date: number;
  readonly made: unknown;
}

let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'livestream-clock-'));
});

afterEach(() => {
  rmSync(directory, { recursive: true, force: true });
});

test('adds the offset in a file to the wall clock of a process and to no other clock', async () => {
  const file = join(directory, 'ahead');
  const lines: Told[] = [];
  const isNear = (ms: number, wanted: number) => Math.abs(ms - wanted) < 900;
  writeFileSync(file, '3600000');
  const child = spawn(process.execPath, [`--import=${preload}`, '-e', program], {
    env: { ...process.env, CHAOS_CLOCK_FILE: file },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  try {
    // Shape: output of the program above.
    createInterface({ input: child.stdout }).on('line', (line) => lines.push(JSON.parse(line) as Told));
    await waitFor('a line', () => lines[0]);
    for (const aheadMs of [3_600_000, -2_000, 0]) {
      writeFileSync(file, String(aheadMs));
      await waitFor(`a clock ${aheadMs} ms ahead`, () => {
        const last = lines.at(-1);
        return last && isNear(last.now, aheadMs) && isNear(last.date, aheadMs) ? last : undefined;
      });
    }
  } finally {
    child.kill('SIGKILL');
  }

  expect(isNear(lines[0]?.now ?? 0, 3_600_000)).toBe(true);
  const elapsed = lines.map((line) => line.elapsed);
  expect(elapsed).toEqual(elapsed.toSorted((a, b) => a - b));
  expect(elapsed.at(-1)).toBeLessThan(60_000);
  expect(new Set(lines.map(({ made }) => JSON.stringify(made)))).toEqual(
    new Set(['[5,86400000,86400000,true]']),
  );
});
