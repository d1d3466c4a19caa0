import { parseScenario } from '../simulator/scenario/parse-scenario.ts';
import type { Scenario } from '../simulator/scenario/scenario.ts';
import { readTextFile } from '../text/text-file.ts';

const longestScenarioBytes = 16 * 1024 * 1024;

/** The scenario in `file`; or undefined, once `err` was told everything that is wrong with it. */
export async function readScenario(file: string, err: (text: string) => void): Promise<Scenario | undefined> {
  const read = await readTextFile(file, longestScenarioBytes);
  if ('problem' in read) {
    err(`${file}: ${read.problem}\n`);
    return undefined;
  }
  const parsed = parseScenario(read.text, file);
  if ('scenario' in parsed) return parsed.scenario;
  for (const problem of parsed.problems) err(`${problem}\n`);
  return undefined;
}
