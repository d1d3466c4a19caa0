import { parse, stringify } from 'yaml';
import { secondMs } from '../../src/model/time.ts';
import { parseDuration, toDurationText } from '../../src/text/units.ts';

/**
 * Shortest duration that is divided, and shortest result: a window or a wait of 30 s contains the six samples
 * that the rules need. So the alerts about the quality of a stream keep their shipped durations.
 */
const minScaledMs = 30 * secondMs;

/** Shortest result for `group_wait`, which must be longer than an evaluation interval. */
const minWaitMs = 6 * secondMs;

/** Interval of rule groups that are evaluated slowly, in a shortened drill. */
const groupIntervalMs = 5 * secondMs;

/** Divides a duration of rules or routes by `factor`, but leaves at least 30 s of a longer one. */
function scaledMs(ms: number, factor: number, minMs = minScaledMs): number {
  return Math.max(Math.min(ms, minMs), ms / factor);
}

/** Rule file as far as it contains durations. */
interface RuleFile {
  readonly groups: readonly {
    readonly interval: string;
    readonly rules: readonly {
      readonly expr: string;
      readonly for?: string;
      readonly keep_firing_for?: string;
    }[];
  }[];
}

/** Divides the durations of a rule file: ranges, offsets, `for` and `keep_firing_for`. Thresholds stay. */
export function scaleRules(text: string, factor: number): string {
  if (factor === 1) return text;
  // Shape: output of the command `rules`.
  const file = parse(text) as RuleFile;
  const scale = (duration: string) => scaledText(duration, factor);
  return stringify({
    groups: file.groups.map((group) => ({
      ...group,
      interval: toDurationText(Math.min(groupIntervalMs, parsed(group.interval))),
      rules: group.rules.map((rule) => ({
        ...rule,
        expr: rule.expr
          .replaceAll(/\[(\w+)\]/g, (_, range: string) => `[${scale(range)}]`)
          .replaceAll(/offset (\w+)/g, (_, offset: string) => `offset ${scale(offset)}`),
        ...(rule.for !== undefined && { for: scale(rule.for) }),
        ...(rule.keep_firing_for !== undefined && { keep_firing_for: scale(rule.keep_firing_for) }),
      })),
    })),
  });
}

/** Alertmanager config as far as a drill changes it. */
interface Routes {
  readonly group_wait?: string;
  readonly group_interval?: string;
  readonly routes?: readonly Routes[];
}

/**
 * Divides the waits of all routes, and makes every hour a working hour, so that a drill gets the same
 * notifications at any time of the day.
 */
export function scaleRoutes(text: string, factor: number, groupInterval?: string): string {
  // Shape: config/alertmanager.yml.
  const file = parse(text) as { readonly route: Routes };
  const scale = (route: Routes): Routes => ({
    ...route,
    ...(route.group_wait !== undefined && {
      group_wait: scaledText(route.group_wait, factor, minWaitMs),
    }),
    ...(route.group_interval !== undefined && {
      group_interval: groupInterval ?? scaledText(route.group_interval, factor),
    }),
    ...(route.routes !== undefined && { routes: route.routes.map(scale) }),
  });
  return stringify({
    ...file,
    route: scale(file.route),
    time_intervals: [{ name: 'working-hours', time_intervals: [{ days_of_month: ['1:31'] }] }],
  });
}

function scaledText(duration: string, factor: number, minMs?: number): string {
  return toDurationText(Math.round(scaledMs(parsed(duration), factor, minMs) / secondMs) * secondMs);
}

function parsed(duration: string): number {
  const ms = parseDuration(duration);
  if (ms === undefined) throw new Error(`not a duration: ${duration}`);
  return ms;
}
