import { expect, test } from 'vitest';
import { createBoundedOutput } from '../../src/commands/bounded-output.ts';

test.each([
  {
    format: 'logfmt',
    notice:
      'ts=1970-01-01T00:00:00.000Z level=warn msg="log lines were dropped, because the log was not read in time" lines=2\n',
  },
  {
    format: 'json',
    notice:
      '{"level":"warn","ts":"1970-01-01T00:00:00.000Z","lines":2,"msg":"log lines were dropped, because the log was not read in time"}\n',
  },
] as const)(
  'drops lines while 1 MiB is not read, and then logs how many as $format',
  ({ format, notice }) => {
    const texts: string[] = [];
    const output = { writableLength: 0, write: (text: string) => texts.push(text) };
    const write = createBoundedOutput(output, { format, now: () => 0 });

    write('a\n');
    output.writableLength = 1024 * 1024 + 1;
    for (const text of ['b\n', 'c\n']) write(text);
    output.writableLength = 1024 * 1024;
    for (const text of ['d\n', 'e\n']) write(text);

    expect(texts).toEqual(['a\n', notice, 'd\n', 'e\n']);
  },
);
