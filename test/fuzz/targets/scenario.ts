import { loadConfig } from '../../../src/config/load.ts';
import { exporterEnvironment, toExporterConfig } from '../../../src/simulator/exporter-config.ts';
import { parseScenario } from '../../../src/simulator/scenario/parse-scenario.ts';
import { createWorld } from '../../../src/simulator/world/world.ts';
import { parseYaml } from '../../../src/text/yaml.ts';
import { noon } from '../../support/samples.ts';
import { law, lawOfLines, targetOf } from '../target.ts';
import {
  lawOfBans,
  lawOfDomain,
  lawOfEvents,
  lawOfParsing,
  lawOfPrintedConfig,
  lawOfStream,
} from './scenario-laws.ts';
import { mutatedYaml, seedsFrom, textsIn } from './yaml-seeds.ts';

const seeds = seedsFrom(textsIn('config/scenarios', '.yaml'), () => true);
const minuteMs = 60_000;
/** Maximum number of streams in the printed config. */
const maxStreams = 50;

interface Input {
  readonly text: string;
  /** Number of the mistake that is made in a valid scenario. Inputs of earlier versions have none. */
  readonly mistake?: number;
}

/** Scenario files of the simulator, and the world that they describe. */
export const scenarioTarget = targetOf<Input>('scenario', () => ({
  generate: (draws) => ({ text: mutatedYaml(seeds, draws, false).text, mistake: draws.below(1_000) }),
  check({ text, mistake = 0 }) {
    const parsed = parseScenario(text, 'fuzz.yaml');
    if ('problems' in parsed) {
      law(parsed.problems.length > 0, 'a rejected scenario has a problem');
      lawOfLines(parsed.problems, []);
      for (const problem of parsed.problems)
        law(
          /^fuzz\.yaml:(\d+:\d+: | ?\d+ more)|^fuzz\.yaml: /.test(problem),
          'a problem has a position',
          problem,
        );
      return;
    }
    const { scenario } = parsed;
    const yaml = parseYaml(text);
    law('value' in yaml, 'an accepted scenario is YAML');
    lawOfParsing(yaml.value, scenario, mistake);
    const world = createWorld(scenario, noon);
    lawOfEvents(world);
    law(!/[\p{Cc}]/u.test(Object.keys(exporterEnvironment(scenario)).join('')), 'variables have names');
    const config = toExporterConfig(world, 'http://127.0.0.1:9000', maxStreams);
    lawOfPrintedConfig(world, config, maxStreams);
    const loaded = loadConfig(config, 'fuzz.yaml');
    // A scenario can have names that only a provider accepts.
    const problems =
      'problems' in loaded
        ? loaded.problems.filter(({ path }) => !/\.(stream|app_names?|domain|push_domains\.\d+)$/.test(path))
        : [];
    law(problems.length === 0, 'the config of a scenario is valid', problems.slice(0, 3));
    for (const from of [noon - minuteMs, noon, noon + 90 * minuteMs]) {
      for (const stream of world.streams.slice(0, 3)) lawOfStream(world, stream, from);
      for (const { name } of scenario.domains.slice(0, 3)) lawOfDomain(world, name, from);
      lawOfBans(world, from);
    }
  },
}));
