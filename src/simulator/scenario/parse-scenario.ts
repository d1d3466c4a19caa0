import { toDiagnosticLines } from '../../text/diagnostics.ts';
import { parseYaml } from '../../text/yaml.ts';
import { parseAndCheck } from '../../text/zod-issues.ts';
import { findContradictions } from './contradictions.ts';
import { type Scenario, toScenario } from './scenario.ts';
import { ScenarioText } from './scenario-schema.ts';

/**
 * Result of parsing a scenario: a valid scenario, or a list of all problems in the order of the file. Each
 * problem is a line of the form `file:line:column: path: text`.
 */
export type ParsedScenario = { readonly scenario: Scenario } | { readonly problems: readonly string[] };

/** Parses a scenario from its YAML text. `file` is the file name that appears in the problems. */
export function parseScenario(text: string, file: string): ParsedScenario {
  const yaml = parseYaml(text);
  if ('problems' in yaml) return { problems: toDiagnosticLines(file, yaml.problems) };
  const { data, diagnostics } = parseAndCheck(ScenarioText, yaml.value, { crossCheck: findContradictions });
  const problems = yaml.locate(diagnostics);
  if (data === undefined || problems.length > 0) return { problems: toDiagnosticLines(file, problems) };
  return { scenario: toScenario(data) };
}
