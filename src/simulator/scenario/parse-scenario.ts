import { toDiagnosticLines } from '../../text/diagnostics.ts';
import { parseYaml } from '../../text/yaml.ts';
import { parseAndCheck } from '../../text/zod-issues.ts';
import { findContradictions } from './contradictions.ts';
import { type Scenario, toScenario } from './scenario.ts';
import { ScenarioText } from './scenario-schema.ts';

/** A valid scenario or all its problems as lines, `file:line:column: path: text`, in the order of the file. */
export type ParsedScenario = { readonly scenario: Scenario } | { readonly problems: readonly string[] };

/** Parses a scenario; `file` is the name in the problems. */
export function parseScenario(text: string, file: string): ParsedScenario {
  const yaml = parseYaml(text);
  if ('problems' in yaml) return { problems: toDiagnosticLines(file, yaml.problems) };
  const { data, diagnostics } = parseAndCheck(ScenarioText, yaml.value, { crossCheck: findContradictions });
  const problems = yaml.locate(diagnostics);
  if (data === undefined || problems.length > 0) return { problems: toDiagnosticLines(file, problems) };
  return { scenario: toScenario(data) };
}
