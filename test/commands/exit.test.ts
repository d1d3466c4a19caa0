import { expect, test } from 'vitest';
import { exitAtDeadline, exitWhenRead } from '../../src/commands/exit.ts';
import { createManualClock, settle } from '../support/manual-clock.ts';

test('exits as soon as all output is read', async () => {
  const { output, read, exits, parts } = setUp();
  const ended = exitWhenRead(3, [output, output], parts);

  await settle();
  expect(exits).toEqual([]);
  read();
  await ended;

  expect(exits).toEqual([3]);
});

test('exits after two seconds if the output is not read', async () => {
  const { output, exits, parts } = setUp();
  void exitWhenRead(0, [output], parts);

  await parts.clock.advance(1_999);
  expect(exits).toEqual([]);
  await parts.clock.advance(1);

  expect(exits).toEqual([0]);
});

test('exits with 1 and a reason if the stop takes 25 seconds', async () => {
  const { exits, parts } = setUp();
  const texts: string[] = [];
  const logOptions = { format: 'json', now: () => 0, write: (line: string) => texts.push(line) } as const;
  void exitAtDeadline(logOptions, parts);

  await parts.clock.advance(24_999);
  expect(exits).toEqual([]);
  await parts.clock.advance(1);

  expect(exits).toEqual([1]);
  expect(texts).toEqual([
    '{"level":"error","ts":"1970-01-01T00:00:00.000Z","msg":"not stopped after 25 s, so the process ends now; check the disk of --storage.path"}\n',
  ]);
});

function setUp() {
  const waiting: (() => void)[] = [];
  const exits: number[] = [];
  const parts = { clock: createManualClock(), exit: (code: number) => void exits.push(code) };
  return {
    output: { write: (_text: string, done: () => void) => void waiting.push(done) },
    read: () => {
      for (const done of waiting) done();
    },
    exits,
    parts,
  };
}
