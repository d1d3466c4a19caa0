import { createLog, type LogOptions } from '../log.ts';

/** Output stream of a process, such as process.stderr. */
interface Output {
  /** Number of bytes that were written but not read yet. */
  readonly writableLength: number;
  write(text: string): unknown;
}

/**
 * Maximum number of bytes that wait for the reader of the output. It holds some minutes of the log of an
 * outage.
 */
const maxWaiting = 1024 * 1024;

/**
 * Returns a function that writes a text to `output`. While more than 1 MiB waits to be read, the function
 * drops texts, so that a reader of the log that hangs cannot fill the memory. The next text that is written
 * follows a log line with the number of dropped texts.
 */
export function createBoundedOutput(
  output: Output,
  { format, now }: Pick<LogOptions, 'format' | 'now'>,
): (text: string) => void {
  const log = createLog({ level: 'warn', format, write: (line) => output.write(line), now });
  let dropped = 0;
  return (text) => {
    if (output.writableLength > maxWaiting) {
      dropped += 1;
      return;
    }
    if (dropped > 0) {
      log.warn('log lines were dropped, because the log was not read in time', { lines: dropped });
      dropped = 0;
    }
    output.write(text);
  };
}
