import { parseScenario } from '../../src/simulator/scenario/parse-scenario.ts';
import type { Scenario } from '../../src/simulator/scenario/scenario.ts';

/** Parses a scenario; throws its problems. */
export function scenarioOf(yaml: string): Scenario {
  const parsed = parseScenario(yaml, 'scenario.yaml');
  if ('problems' in parsed) throw new Error(parsed.problems.join('\n'));
  return parsed.scenario;
}
