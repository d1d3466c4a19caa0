import { isDeepStrictEqual } from 'node:util';
import { parse } from 'yaml';
import { exporterEnvironment, isDiscovered } from '../../../src/simulator/exporter-config.ts';
import { parseScenario } from '../../../src/simulator/scenario/parse-scenario.ts';
import type { Scenario } from '../../../src/simulator/scenario/scenario.ts';
import type { World } from '../../../src/simulator/world/world.ts';
import { law } from '../target.ts';

type Tree = Readonly<Record<string, unknown>>;
type List = readonly Tree[];

/** Returns the items of a list in a tree, or none. The scenario with the tree is valid. */
function listIn(tree: unknown, key: string): List {
  const list = (tree as Tree)[key];
  return Array.isArray(list) ? (list as List) : [];
}

/**
 * An accepted scenario means the same in JSON, and a mistake in it is a problem. `mistake` is the number of the mistake:
 * parsing takes longer than everything else.
 */
export function lawOfParsing(tree: unknown, scenario: Scenario, mistake: number): void {
  const parsedAs = (value: unknown) => parseScenario(JSON.stringify(value), 'fuzz.json');
  // JSON has no -0.
  law(JSON.stringify(parsedAs(tree)) === JSON.stringify({ scenario }), 'a scenario means the same in JSON');
  const mistakes = mistakesIn(tree as Tree);
  const [what, changes] = mistakes[mistake % mistakes.length] ?? ['', {}];
  law('problems' in parsedAs({ ...(tree as Tree), ...changes }), 'a mistake is a problem', what, changes);
}

/** Returns changes of a valid scenario with which it is not valid any more. */
function mistakesIn(tree: Tree): readonly (readonly [string, object])[] {
  const [streams, domains] = [listIn(tree, 'streams'), listIn(tree, 'domains')];
  const [[stream], [domain], { loop }] = [streams, domains, tree];
  const action = domain && listIn(domain, 'story')[0];
  const ofStream = (changes: object) => ({ streams: [{ ...stream, ...changes }] });
  const late = loop === undefined ? [] : [{ at: loop }, { at: '0s', for: '999d' }];
  return [
    ['an unknown key', { unknown_key: 1 }],
    ['an unknown key', { provider: { ...(tree.provider as object), unknown_key: 1 } }],
    ['no stream and no domain', { streams: undefined, domains: undefined }],
    ...(stream === undefined
      ? []
      : ([
          ['a stream twice', { streams: [...streams, stream] }],
          ['an unknown key of a stream', ofStream({ unknown_key: 1 })],
          ['an event without effect', ofStream({ story: [{ at: '1s' }] })],
          ['an expiry without a ban', ofStream({ story: [{ at: '1s', cut: 'drop', expires: true }] })],
          ['an event of no time', ofStream({ story: [{ at: '1s', for: '0s', silent: true }] })],
          ['streams with one name', ofStream({ name: 'a', count: 2 })],
          ...late.map((event) => ['too late', ofStream({ story: [{ ...event, silent: true }] })] as const),
        ] as const)),
    ...(domain === undefined
      ? []
      : ([
          ['a domain twice', { domains: [...domains, domain] }],
          ['an unknown key of a domain', { domains: [{ ...domain, unknown_key: 1 }] }],
        ] as const)),
    ...(action === undefined
      ? []
      : ([
          ['no time', { domains: [{ ...domain, story: [{ ...action, every: '1s', until: action.at }] }] }],
          ['another application', { domains: [{ ...domain, story: [{ ...action, app_name: 'xyz1' }] }] }],
        ] as const)),
  ];
}

/** The printed config has the streams of the scenario, with variables that the environment has. */
export function lawOfPrintedConfig(world: World, text: string, maxStreams: number): void {
  const { scenario, streams } = world;
  const tree: unknown = parse(text);
  const env = exporterEnvironment(scenario);
  const used = [...text.matchAll(/_env: "?(\w+)/g)].map(([, name = '']) => name);
  law(
    isDeepStrictEqual(new Set(used), new Set(Object.keys(env))),
    'the environment has the variables of the config',
    used,
    Object.keys(env),
  );
  const listed = streams.filter((stream) => !isDiscovered(scenario, stream)).slice(0, maxStreams);
  const shown = listIn(tree, 'streams');
  law(shown.length === listed.length, 'the config lists the streams', shown.length, listed.length);
  const accounts = new Set(listIn(tree, 'accounts').map(({ name }) => name));
  for (const [i, { account, stream, domain, expect }] of shown.entries()) {
    const wanted = listed[i];
    law(accounts.has(account), 'a stream has an account', account);
    law(stream === wanted?.name && domain === wanted?.domain, 'a stream has its name', stream, domain);
    const { fps = 0 } = expect as { readonly fps?: number };
    law(fps === wanted?.framesPerSecond, 'a stream is expected to have its rate', stream, fps);
  }
  const names = new Set(listIn(tree, 'domains').map(({ domain }) => domain));
  for (const { name } of scenario.domains) law(names.has(name), 'the config has the domains', name);
}
