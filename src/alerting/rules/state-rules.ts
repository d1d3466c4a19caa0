import { minuteMs, secondMs } from '../../model/time.ts';
import { toDurationText } from '../../text/units.ts';
import { dedented, identity, select } from './promql.ts';
import type { RuleGroup } from './rule.ts';
import type { StreamClass } from './timing.ts';

/**
 * Returns the rules that record the state of each stream for dashboards: a graph over many streams that
 * computed it for each of its points would cost seconds. 4: expected live, but not pushed. 3: bad samples
 * were counted lately. 2: unknown. 1: pushed. 0: not pushed.
 */
export function stateRules(classes: readonly StreamClass[], scrapeMs: number): RuleGroup {
  return {
    name: 'livestream-states',
    intervalMs: Math.max(15 * secondMs, scrapeMs),
    rules: classes.map(({ matchers, stepMs, isFastest }) => {
      const metric = (name: string) => select(`livestream_${name}`, matchers);
      const perStream = (expr: string) => `max by (${identity}) (${expr})`;
      const lately = toDurationText(Math.max(2 * minuteMs, 2 * stepMs, 4 * scrapeMs));
      return {
        record: 'stream:livestream_push_state:max',
        ...(isFastest && {
          comment:
            'State of each stream, for dashboards. 4: missing (expected live, but not pushed). 3: degraded (bad ' +
            'samples were counted lately). 2: unknown. 1: up. 0: not pushed.',
        }),
        expr: dedented(`
            (${perStream(metric('push_up'))} < ${perStream(metric('push_expected'))}) * 0 + 4
          or
            ${perStream(`increase(${metric('push_bad_seconds_total')}[${lately}]) > 0`)} * 0 + 3
          or
            ${perStream(metric('push_up'))}
          or
            ${perStream(metric('stream_info'))} * 0 + 2`),
      };
    }),
  };
}
