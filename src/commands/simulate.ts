import { once } from 'node:events';
import { exporterEnvironment, isDiscovered, toExporterConfig } from '../simulator/exporter-config.ts';
import type { Scenario } from '../simulator/scenario/scenario.ts';
import { toStoryLines } from '../simulator/scenario/story-text.ts';
import { type Simulator, startSimulator } from '../simulator/server.ts';
import { toDurationText } from '../text/units.ts';
import { visible } from '../text/visible.ts';
import type { Runtime } from './runtime.ts';
import { readScenario } from './scenario-file.ts';

/**
 * Maximum number of streams in the printed config. The simulator serves a config with all streams at
 * `/-/config`.
 */
const maxPrintedStreams = 50;

/**
 * Runs the simulator with the scenario in `scenarioFile` until `signal` is aborted. `listenAddress` has the
 * form `host:port`: port 0 selects a free port, and an empty host means all IPv4 interfaces. Resolves with
 * the exit code: 0 after a stop, 1 if the simulator cannot listen, 2 if the scenario or the address is
 * invalid.
 */
export async function runSimulate(
  { scenarioFile, listenAddress }: { readonly scenarioFile: string; readonly listenAddress: string },
  { out, err, signal, clock }: Pick<Runtime, 'out' | 'err' | 'signal' | 'clock'>,
): Promise<number> {
  const address = parseAddress(listenAddress);
  if (address === undefined) {
    err(`--listen-address: expected host:port such as 127.0.0.1:0, got "${visible(listenAddress)}"\n`);
    return 2;
  }
  const scenario = await readScenario(scenarioFile, err);
  if (scenario === undefined) return 2;

  let simulator: Simulator;
  try {
    simulator = await startSimulator({ scenario, clock, ...address });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    err(`simulator: cannot listen on ${listenAddress}: ${reason}\n`);
    return 1;
  }
  out(toOutput(simulator));
  if (!signal.aborted) await once(signal, 'abort');
  await simulator.close();
  return 0;
}

function parseAddress(text: string): { readonly host: string; readonly port: number } | undefined {
  const [, bracketed, bare, digits] = /^(?:\[([\da-fA-F:.]+)\]|([^:[\]\s]*)):(\d{1,5})$/.exec(text) ?? [];
  const port = Number(digits);
  if (digits === undefined || port > 65_535) return undefined;
  return { host: (bracketed ?? bare) || '0.0.0.0', port };
}

/**
 * Returns the text that the command prints: YAML comments with information for the user, then an exporter
 * config for the simulator.
 */
function toOutput({ world, url, endpoint }: Simulator): string {
  const { scenario } = world;
  const listed = world.streams.filter((stream) => !isDiscovered(scenario, stream));
  const omitted = listed.length - maxPrintedStreams;
  const truth = `${url}/-/truth?`;
  const lines = [
    `simulator: "${scenario.name}" at ${url}`,
    ...scenario.description.split(/[\r\n]+/).filter((line) => line !== ''),
    '',
    ...storyText(scenario),
    '',
    ...(world.streams.length > 0 ? [`stream totals:   ${truth}stream=NAME&from=SECONDS&to=SECONDS`] : []),
    ...(scenario.domains.length > 0 ? [`domain actions:  ${truth}domain=NAME&from=SECONDS&to=SECONDS`] : []),
    `request log:     ${url}/-/requests`,
    '',
    'This output is an exporter config for the simulator. Before you start the exporter, set these variables (all values are made up):',
    ...Object.entries(exporterEnvironment(scenario)).map(
      ([name, value]) => `  export ${name}=${shellQuoted(value)}`,
    ),
    ...(omitted > 0 ? [`The last ${omitted} streams are omitted; ${url}/-/config has all streams.`] : []),
  ];
  const comments = lines.map((line) => `# ${line}`.trimEnd()).join('\n');
  return `${comments}\n${toExporterConfig(world, endpoint, maxPrintedStreams)}`;
}

function storyText(scenario: Scenario): string[] {
  const { loopMs, speed } = scenario;
  const lines = toStoryLines(scenario);
  if (lines.length === 0) return ['The scenario has no events.'];
  const pace = speed === 1 ? '' : `, at ${speed} times the speed`;
  const repetition = loopMs === undefined ? 'once' : `repeated every ${toDurationText(loopMs)}`;
  return [`events, starting now, ${repetition}${pace}:`, ...lines.map((line) => `  ${line}`)];
}

function shellQuoted(text: string): string {
  return /^[\w.-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
