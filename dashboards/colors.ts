import * as dashboard from '@grafana/grafana-foundation-sdk/dashboard';

/**
 * Colors of states. They do not rely on telling red from green: blue is good. Text in the color of normal
 * text means that there is nothing to judge.
 */
export const colors = {
  ok: 'blue',
  warning: 'orange',
  interrupted: 'dark-yellow',
  critical: 'semi-dark-red',
  unknown: 'purple',
  none: 'text',
} as const;

/** A threshold: the color of values from `at` on. */
export interface Step {
  readonly at: number;
  readonly color: string;
}

/**
 * Returns thresholds. Below the first step, and without a value, the color is neutral: otherwise Grafana
 * would draw an unknown value in the color of good ones.
 */
export function thresholds(steps: readonly Step[]): dashboard.ThresholdsConfigBuilder {
  const base = { value: null, color: colors.none };
  return new dashboard.ThresholdsConfigBuilder()
    .mode(dashboard.ThresholdsMode.Absolute)
    .steps([base, ...steps.map(({ at, color }) => ({ value: at, color }))]);
}

/** Returns the property of an override that sets the thresholds. */
export function thresholdsOf(steps: readonly Step[]) {
  return { id: 'thresholds', value: { mode: 'absolute', steps: thresholds(steps).build().steps } };
}

/** Good from 0 on, then a warning, then critical. */
export function goodBelow(warning: number, critical?: number): readonly Step[] {
  const last = critical === undefined ? [] : [{ at: critical, color: colors.critical }];
  return [{ at: 0, color: colors.ok }, { at: warning, color: colors.warning }, ...last];
}

/** 0 is good, and any number above it has the color. */
export function noneIsGood(color: string): readonly Step[] {
  return [
    { at: 0, color: colors.ok },
    { at: 1, color },
  ];
}
