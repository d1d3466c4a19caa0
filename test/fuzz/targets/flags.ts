import { parseInvocation, usage } from '../../../src/commands/flags.ts';
import { mutateText } from '../mutate-text.ts';
import { oddText } from '../odd-values.ts';
import { law, lawOfLines, plantedSecret, targetOf } from '../target.ts';

const commands = [
  'serve',
  'demo',
  'simulate',
  'check-config',
  'plan',
  'doctor',
  'rules',
  'config-schema',
  '',
];
/** All flags of the usage text, with their defaults. */
const flags = [...usage.matchAll(/--[\w.-]+(?:=\S+)?/g)].map(([flag]) => flag);

/** Command lines. */
export const flagsTarget = targetOf<readonly string[]>('flags', () => ({
  generate(draws) {
    const words = Array.from({ length: draws.below(5) }, () => {
      const word = draws.below(4) === 0 ? oddText(draws) : draws.pick([...flags, ...commands, 'live.yaml']);
      return draws.below(2) === 0
        ? word
        : draws.pick([mutateText(word, draws), `${word.split('=')[0]}=${oddText(draws)}`]);
    });
    return draws.below(5) === 0 ? words : [draws.pick(commands), ...words];
  },
  check(argv) {
    const invocation = parseInvocation(argv);
    if (invocation.command === 'unusable') {
      law(invocation.problem !== '', 'an invalid command line has a problem');
      lawOfLines(
        [invocation.problem.slice(0, 4000).toWellFormed()],
        argv.some((word) => word.includes(plantedSecret)) ? [] : undefined,
      );
    }
    if ('rules' in invocation)
      law(Number.isFinite(invocation.rules.scrapeMs), 'a scrape interval is a number');
    if ('flags' in invocation) {
      law(Number.isFinite(invocation.flags.lockTimeoutMs), 'a timeout is a number');
      law(invocation.flags.listenAddresses.length > 0, 'there is an address');
    }
  },
}));
