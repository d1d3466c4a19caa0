import { parseScenario } from '../simulator/scenario/parse-scenario.ts';
import type { Scenario } from '../simulator/scenario/scenario.ts';
import { readTextFile } from '../text/text-file.ts';

const maxScenarioBytes = 16 * 1024 * 1024;

/**
 * Reads the simulator scenario in `file`. If the file cannot be read or the scenario is invalid, writes all
 * problems to `err` and returns undefined.
 */
export async function readScenario(file: string, err: (text: string) => void): Promise<Scenario | undefined> {
  const read = await readTextFile(file, maxScenarioBytes);
  if ('problem' in read) {
    err(`${file}: ${read.problem}\n`);
    return undefined;
  }
  const parsed = parseScenario(read.text, file);
  if ('scenario' in parsed) return parsed.scenario;
  for (const problem of parsed.problems) err(`${problem}\n`);
  return undefined;
}
