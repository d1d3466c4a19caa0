import { parseScenario } from '../../src/simulator/scenario/parse-scenario.ts';
import type { Scenario } from '../../src/simulator/scenario/scenario.ts';

/** The scenario of this YAML; fails with its problems. */
export function scenarioOf(text: string): Scenario {
  const parsed = parseScenario(text, 'scenario.yaml');
  if ('problems' in parsed) throw new Error(parsed.problems.join('\n'));
  return parsed.scenario;
}
