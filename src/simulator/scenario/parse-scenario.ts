import * as z from 'zod';
import { toDiagnosticLines } from '../../text/diagnostics.ts';
import { parsePartially } from '../../text/partial-parse.ts';
import { parseYaml } from '../../text/yaml.ts';
import { messageOf, toDiagnostics } from '../../text/zod-issues.ts';
import { findContradictions } from './contradictions.ts';
import { type Scenario, toScenario } from './scenario.ts';
import { ScenarioText } from './scenario-schema.ts';

/** A valid scenario or all its problems as lines, `file:line:column: path: text`, in the order of the file. */
export type ParsedScenario = { readonly scenario: Scenario } | { readonly problems: readonly string[] };

/** Parses a scenario; `file` is the name in the problems. */
export function parseScenario(text: string, file: string): ParsedScenario {
  const yaml = parseYaml(text);
  if ('problems' in yaml) return { problems: toDiagnosticLines(file, yaml.problems) };
  const { data, error } = ScenarioText.safeParse(yaml.value, { error: messageOf });
  const issues = toDiagnostics(error?.issues ?? [], yaml.value, { jsonSchema });
  const readable = data ?? parsePartially(ScenarioText, yaml.value);
  const contradictions = readable === undefined ? [] : findContradictions(readable);
  const problems = yaml.locate([...issues, ...contradictions]);
  if (data === undefined || problems.length > 0) return { problems: toDiagnosticLines(file, problems) };
  return { scenario: toScenario(data) };
}

function jsonSchema() {
  return z.toJSONSchema(ScenarioText, { io: 'input', unrepresentable: 'any' });
}
