import { expect, test } from 'vitest';
import { createBoundedOutput } from '../../src/commands/bounded-output.ts';

test('drops lines while 1 MiB is not read, and then says how many', () => {
  const texts: string[] = [];
  const output = { writableLength: 0, write: (text: string) => texts.push(text) };
  const write = createBoundedOutput(output);

  write('a\n');
  output.writableLength = 1024 * 1024 + 1;
  for (const text of ['b\n', 'c\n']) write(text);
  output.writableLength = 1024 * 1024;
  for (const text of ['d\n', 'e\n']) write(text);

  expect(texts).toEqual([
    'a\n',
    'livestream-exporter: 2 lines dropped, because the log was not read in time\n',
    'd\n',
    'e\n',
  ]);
});
