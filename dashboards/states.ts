import { MappingType, type ValueMap } from '@grafana/grafana-foundation-sdk/dashboard';
import { colors } from './colors.ts';
import type { Say } from './text.ts';
import { states } from './texts.ts';

/** Values of a stream's state in queries: the higher, the worse, so that a table can be sorted by them. */
export const state = {
  missing: 4,
  degraded: 3,
  interrupted: 2.5,
  unknown: 2,
  up: 1,
  notPushed: 0,
} as const;

export type StateName = keyof typeof state;

/** Names of the states, the worst first. */
export const stateNames = Object.keys(state) as readonly StateName[];

export const stateColors: Readonly<Record<StateName, string>> = {
  missing: colors.critical,
  degraded: colors.warning,
  interrupted: colors.interrupted,
  unknown: colors.unknown,
  up: colors.ok,
  notPushed: colors.none,
};

/** Text and color of each state. */
export function stateMapping(say: Say): ValueMap {
  return {
    type: MappingType.ValueToText,
    options: Object.fromEntries(
      stateNames.map((name, index) => [
        String(state[name]),
        { text: say(states[name]), color: stateColors[name], index },
      ]),
    ),
  };
}
