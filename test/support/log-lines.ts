import { createLog } from '../../src/log.ts';

/** Creates a log, and the list of its lines. */
export function createLogLines(now: () => number) {
  const lines: string[] = [];
  const log = createLog({ level: 'info', format: 'logfmt', write: (line) => lines.push(line), now });
  return { log, lines };
}
