import { once } from 'node:events';
import type { Clock } from '../model/time.ts';
import { exporterEnvironment, toExporterConfig } from '../simulator/exporter-config.ts';
import type { Scenario } from '../simulator/scenario/scenario.ts';
import { toStoryLines } from '../simulator/scenario/story-text.ts';
import { type Simulator, startSimulator } from '../simulator/server.ts';
import { toDurationText } from '../text/units.ts';
import { readScenario } from './scenario-file.ts';

export interface SimulateOptions {
  readonly scenarioFile: string;
  /** `host:port`; port 0 takes any free one, no host means all of them. */
  readonly listenAddress: string;
  /** Standard output and standard error; each text ends its own lines. */
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  /** Aborted when the program is to stop. */
  readonly signal: AbortSignal;
  readonly clock: Pick<Clock, 'now'>;
}

/** More would bury the story; `/-/config` has them all. */
const shownStreams = 50;

/**
 * Plays a scenario until it is told to stop. Resolves with the exit code: 0; 1 when it could not listen; 2 for a scenario
 * or an address that cannot be used.
 */
export async function runSimulate(options: SimulateOptions): Promise<number> {
  const { scenarioFile, listenAddress, out, err, signal, clock } = options;
  const address = parseAddress(listenAddress);
  if (address === undefined) {
    err(`--listen-address: expected host:port, such as 127.0.0.1:0, not ${listenAddress}\n`);
    return 2;
  }
  const scenario = await readScenario(scenarioFile, err);
  if (scenario === undefined) return 2;

  const simulator = await startOrSay({ scenario, clock, ...address }, err);
  if (simulator === undefined) return 1;
  out(toGreeting(simulator));
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

async function startOrSay(
  options: Parameters<typeof startSimulator>[0],
  err: (text: string) => void,
): Promise<Simulator | undefined> {
  try {
    return await startSimulator(options);
  } catch (error) {
    err(`the simulator cannot listen: ${error instanceof Error ? error.message : String(error)}\n`);
    return undefined;
  }
}

/** All of it is a config for the exporter: what is said to people stands in comments. */
function toGreeting({ world, url, endpoint }: Simulator): string {
  const { scenario } = world;
  const left = world.streams.length - shownStreams;
  const truth = `${url}/-/truth?`;
  const said = [
    `simulator: "${scenario.name}" at ${url}`,
    ...scenario.description.split(/[\r\n]+/).filter((line) => line !== ''),
    '',
    ...storyText(scenario),
    '',
    ...(world.streams.length > 0 ? [`what is true: ${truth}stream=NAME&from=SECONDS&to=SECONDS`] : []),
    ...(scenario.domains.length > 0 ? [`what was done: ${truth}domain=NAME&from=SECONDS&to=SECONDS`] : []),
    `what was asked: ${url}/-/requests`,
    '',
    'This output is a config that watches it. All keys are made up:',
    ...Object.entries(exporterEnvironment(scenario)).map(
      ([name, value]) => `  export ${name}=${shellQuoted(value)}`,
    ),
    ...(left > 0 ? [`Without the last ${left} streams; ${url}/-/config has them all.`] : []),
  ];
  const comments = said.map((line) => `# ${line}`.trimEnd()).join('\n');
  return `${comments}\n${toExporterConfig(world, endpoint, shownStreams)}`;
}

function storyText(scenario: Scenario): string[] {
  const { loopMs, speed } = scenario;
  const lines = toStoryLines(scenario);
  if (lines.length === 0) return ['nothing happens in the story.'];
  const pace = speed === 1 ? '' : `, ${speed} times as fast as written`;
  const again = loopMs === undefined ? 'once' : `again and again, ${toDurationText(loopMs)} long`;
  return [`the story, from now on, ${again}${pace}:`, ...lines.map((line) => `  ${line}`)];
}

function shellQuoted(text: string): string {
  return /^[\w.-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
