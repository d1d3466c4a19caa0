import { parseArgs } from 'node:util';
import { minHealthyMinutes } from './healthy.ts';

export const usage = `Usage: npm run drill -- [--factor N]
       npm run drill -- --healthy-minutes N
       npm run drill -- --ha [--runs N] [--group-interval D]

Fire drill: starts simulated providers, exporters, Prometheus and Alertmanager on loopback, with the shipped rules and
configs, provokes every alert, and prints which notifications arrived and ended, and after how many seconds.

  --factor N           divisor of the durations above 30 s in rules and routes, 1 to 60 (default 30)
  --healthy-minutes N  instead, healthy streams for N minutes, ${minHealthyMinutes} to 240, with the shipped durations: handovers, restarts,
                       an outage, a late account; no alert may fire that these do not provoke
  --ha                 instead, two exporters, two Prometheus and two Alertmanagers in a cluster; each cause and each end
                       must be notified once
  --runs N             number of independent causes with --ha, 1 to 100 (default 20)
  --group-interval D   group_interval of Alertmanager with --ha, such as 10s (default: as shipped)
  --help               print this help

Exit code: 0 if all expected alerts arrived and ended, and no other; 1 if not; 2 for invalid flags or missing tools.
`;

export interface DrillFlags {
  readonly factor: number;
  readonly healthyMinutes: number | undefined;
  readonly isHa: boolean;
  readonly runs: number;
  readonly groupInterval: string | undefined;
}

/** Parses the arguments; `problem` explains invalid ones. */
export function parseFlags(args: readonly string[]): DrillFlags | { readonly problem: string } | 'help' {
  let values: Readonly<Record<string, string | boolean | undefined>>;
  try {
    ({ values } = parseArgs({
      args: [...args],
      options: {
        factor: { type: 'string', default: '30' },
        'healthy-minutes': { type: 'string' },
        ha: { type: 'boolean', default: false },
        runs: { type: 'string', default: '20' },
        'group-interval': { type: 'string' },
        help: { type: 'boolean', default: false },
      },
    }));
  } catch (error) {
    return { problem: error instanceof Error ? error.message : String(error) };
  }
  if (values.help) return 'help';
  const problems: string[] = [];
  const integer = (name: string, min: number, max: number) => {
    const text = String(values[name]);
    const value = /^\d{1,4}$/.test(text) ? Number(text) : Number.NaN;
    if (!(value >= min && value <= max)) {
      problems.push(`--${name}: expected a whole number from ${min} to ${max}, got "${text}"`);
    }
    return value;
  };
  const interval = values['group-interval'];
  if (typeof interval === 'string' && !/^[1-9]\d{0,3}[sm]$/.test(interval)) {
    problems.push(`--group-interval: expected a duration such as 10s, got "${interval}"`);
  }
  const flags = {
    factor: integer('factor', 1, 60),
    healthyMinutes:
      values['healthy-minutes'] === undefined
        ? undefined
        : integer('healthy-minutes', minHealthyMinutes, 240),
    isHa: values.ha === true,
    runs: integer('runs', 1, 100),
    groupInterval: typeof interval === 'string' ? interval : undefined,
  };
  if (flags.isHa && flags.healthyMinutes !== undefined)
    problems.push('use --ha or --healthy-minutes, not both');
  return problems.length === 0 ? flags : { problem: problems.join('; ') };
}
