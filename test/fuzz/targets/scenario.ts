import { loadConfig } from '../../../src/config/load.ts';
import { exporterEnvironment, toExporterConfig } from '../../../src/simulator/exporter-config.ts';
import { parseScenario } from '../../../src/simulator/scenario/parse-scenario.ts';
import { toStoryLines } from '../../../src/simulator/scenario/story-text.ts';
import { createWorld } from '../../../src/simulator/world/world.ts';
import { noon } from '../../support/samples.ts';
import { law, lawOfLines, targetOf } from '../target.ts';
import { mutatedYaml, seedsFrom, textsIn } from './yaml-seeds.ts';

const seeds = seedsFrom(textsIn('config/scenarios', '.yaml'), () => true);
const minuteMs = 60_000;

/** Scenario files of the simulator, and the world that they describe. */
export const scenarioTarget = targetOf<{ readonly text: string }>('scenario', () => ({
  generate: (draws) => ({ text: mutatedYaml(seeds, draws, false).text }),
  check({ text }) {
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
    lawOfLines(toStoryLines(scenario), []);
    const world = createWorld(scenario, noon);
    law(!/[\p{Cc}]/u.test(Object.keys(exporterEnvironment(scenario)).join('')), 'variables have names');
    const config = toExporterConfig(world, 'http://127.0.0.1:9000', 50);
    const loaded = loadConfig(config, 'fuzz.yaml');
    // A scenario can have names that only a provider accepts.
    const problems =
      'problems' in loaded
        ? loaded.problems.filter(({ path }) => !/\.(stream|app_names?|domain|push_domains\.\d+)$/.test(path))
        : [];
    law(problems.length === 0, 'the config of a scenario is valid', problems.slice(0, 3));
    for (const { name } of world.streams.slice(0, 3)) {
      for (const from of [noon - minuteMs, noon, noon + 90 * minuteMs]) {
        for (const sample of world.samplesOf(name, from, from + 2 * minuteMs)) {
          law(Number.isFinite(sample.measuredAt), 'a sample has a time', name, sample);
          law(
            (sample.bitsPerSecond ?? 0) >= 0 && (sample.framesPerSecond ?? 0) >= 0,
            'a rate is not negative',
            sample,
          );
        }
      }
    }
    for (const { name } of scenario.domains.slice(0, 3)) {
      for (const action of world.actionsOf(name, noon, noon + 5 * minuteMs)) {
        law(Number.isFinite(action.actedAt), 'an action has a time', name, action);
      }
      world.blockedAt(name, noon + minuteMs);
    }
  },
}));
