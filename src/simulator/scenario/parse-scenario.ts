import { toDiagnosticLines } from '../../text/diagnostics.ts';
import { parseYaml } from '../../text/yaml.ts';
import { parseAndCheck } from '../../text/zod-issues.ts';
import { findContradictions } from './contradictions.ts';
import { type Scenario, toScenario } from './scenario.ts';
import { ScenarioText } from './scenario-schema.ts';

/**
 * Result of parsing a scenario: a valid scenario, or all problems as lines of the form `file:line:column:
 * path: text`, in the order of the file.
 */
export type ParsedScenario = { readonly scenario: Scenario } | { readonly problems: readonly string[] };

/** Parses a scenario from its YAML text. `file` is the file name that the problems show. */
export function parseScenario(text: string, file: string): ParsedScenario {
  const yaml = parseYaml(text);
  if ('problems' in yaml) return { problems: toDiagnosticLines(file, yaml.problems) };
  const { data, diagnostics } = parseAndCheck(ScenarioText, yaml.value, { crossCheck: findContradictions });
  const problems = yaml.locate(diagnostics);
  if (data === undefined || problems.length > 0) return { problems: toDiagnosticLines(file, problems) };
  return { scenario: toScenario(data) };
}
