import { loadConfig } from '../../../src/config/load.ts';
import { exporterEnvironment, toExporterConfig } from '../../../src/simulator/exporter-config.ts';
import { parseScenario } from '../../../src/simulator/scenario/parse-scenario.ts';
import { createWorld } from '../../../src/simulator/world/world.ts';
import { parseYaml } from '../../../src/text/yaml.ts';
import { noon } from '../../support/samples.ts';
import { law, lawOfLines, targetOf } from '../target.ts';
import { lawOfApi, lawOfBans, lawOfDomain, lawOfEvents, lawOfStream, rangeOf } from './scenario-laws.ts';
import { lawOfParsing, lawOfPrintedConfig } from './scenario-text-laws.ts';
import { mutatedYaml, seedsFrom, textsIn } from './yaml-seeds.ts';

/** Scenarios with the keys that those of the project do not have. */
const texts = [
  `name: everything
loop: 90s
speed: 2
noise: 60%
account: {api: api3, site: international, discover: true, app_id: 7, key: k, secret_id: i, secret_key: s, token: t}
provider:
  delay: 3s
  rate_limit: 20
  late: {share: 10%, by: 40s}
  partial: {share: 20%}
  list: {delay: 2s, page_lag: 1s}
  events: {delay: 7s, late: {share: 50%, by: 1m}, page_lag: 1s}
  story:
    - {at: 10s, for: 20s, answer: hang, share: 50%}
    - {at: 20s, delay: 30s, rate_limit: 2}
    - {at: 40s, for: 10s, held_until: 70s}
alibaba: {security_token: t, signature: v1, format: xml, delay: 5s, discover: true, bitrate_unit: kbit, domain_bitrate_unit: bit}
streams:
  - name: flaps
    story:
      - {at: 0s, for: 60s, flapping: {up: 7s, down: 3s}, fps: 50%, bitrate: 1Mbit}
      - {at: 60s, second_publisher: 192.0.2.9, client_ip: 192.0.2.8, server_ip: 198.51.100.8, video_time: 80%, keyframe_interval: 2s}
  - {name: steady, api: statcgi}
  - {name: cut, api: api3, story: [{at: 10s, for: 20s, cut: forbid, expires: true}, {at: 50s, cut: drop, stop_reason: why}]}
  - {name: "other-{n}", count: 2, api: alibaba, domain: play.example.com, start: 5s, stop: 80s}
domains:
  - name: play.example.com
    app_names: [live, show]
    push_domains: [push.example.com]
    story:
      - {at: 5s, every: 20s, until: 70s, stream: "a-{n}", count: 2, action: Forbid, times: 2, late: 30s}
      - {at: 15s, every: 20s, stream: a-1, app_name: live, action: resume, client_ip: none}
      - {at: 20s, stream: b, app_name: show, action: forbid, expires: 10s, recorded: false}
`,
  `name: simple
account: {token: t}
streams:
  - {name: one, bitrate: 1Mbit, start: 20s, stop: 5m, story: [{at: 1m, for: 30s, fps: 40%, bitrate: 30%}, {at: 70s, for: 35s, silent: true}]}
  - {name: two, start: never}
  - {name: three, fps: 30, story: [{at: 66s, for: 20s, flapping: {up: 7s, down: 3s}}, {at: 0s, for: 65s, fps: 20}, {at: 92m, for: 1m, cut: forbid}]}
domains: [{name: d, story: [{at: 10s, stream: a, action: forbid}, {at: 50s, stream: a, action: resume}]}]
`,
];
const seeds = seedsFrom([...textsIn('config/scenarios', '.yaml'), ...texts], () => true);
const minuteMs = 60_000;
/** Maximum numbers of streams in the printed config. */
const maxStreams = [2, 50] as const;

interface Input {
  readonly text: string;
  /**
   * Number of the mistake that is made in a valid scenario, and of the place where time ranges are divided. Inputs of
   * earlier versions have none.
   */
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
    const max = maxStreams[mistake % 2] ?? 2;
    const config = toExporterConfig(world, 'http://127.0.0.1:9000', max);
    lawOfPrintedConfig(world, config, max);
    const loaded = loadConfig(config, 'fuzz.yaml');
    // A scenario can have names that only a provider accepts.
    const problems =
      'problems' in loaded
        ? loaded.problems.filter(({ path }) => !/\.(stream|app_names?|domain|push_domains\.\d+)$/.test(path))
        : [];
    law(problems.length === 0, 'the config of a scenario is valid', problems.slice(0, 3));
    for (const from of [noon - minuteMs, noon, noon + 90 * minuteMs]) {
      for (const stream of world.streams.slice(0, 4)) lawOfStream(world, stream, rangeOf(from, mistake));
      for (const { name } of scenario.domains.slice(0, 3)) lawOfDomain(world, name, rangeOf(from, mistake));
      lawOfBans(world, from);
      for (let at = from; at < from + minuteMs; at += 7_000) lawOfApi(world, at);
    }
  },
}));
