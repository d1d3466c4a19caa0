import type { FuzzTarget } from '../target.ts';
import { answersTarget } from './answers.ts';
import { configTarget } from './config.ts';
import { flagsTarget } from './flags.ts';
import { httpTarget } from './http.ts';
import { pollingTarget } from './polling.ts';
import { scenarioTarget } from './scenario.ts';
import { stateTarget } from './state.ts';
import { webConfigTarget } from './web-config.ts';

/** All targets, in the order in which a run without `--target` goes through them. */
export const targets: readonly FuzzTarget[] = [
  configTarget,
  webConfigTarget,
  answersTarget,
  pollingTarget,
  stateTarget,
  httpTarget,
  flagsTarget,
  scenarioTarget,
];

export function targetNamed(name: string): FuzzTarget {
  const target = targets.find((each) => each.name === name);
  if (target === undefined) throw new Error(`unknown target ${name}`);
  return target;
}
