import type { ControlAction } from '../../src/model/control-action.ts';
import type { ControlTarget } from '../../src/model/target.ts';
import { noon } from './samples.ts';

export function controlAction(part: Partial<ControlAction> = {}): ControlAction {
  return {
    actedAt: noon,
    domain: 'play.example.com',
    appName: 'live',
    stream: 'news',
    action: 'forbid',
    clientIp: '11.0.0.1',
    ...part,
  };
}

export function controlTarget(part: Partial<ControlTarget> = {}): ControlTarget {
  return {
    account: 'aliyun',
    provider: 'alibaba',
    domain: 'play.example.com',
    appName: undefined,
    intervalMs: 30_000,
    expectedDelayMs: 30_000,
    lookbackMs: 600_000,
    ...part,
  };
}

/** Maximum span and retention of control history. */
export const controlLimits = { spanMs: 7 * 86_400_000, retentionMs: 7 * 86_400_000 };

/** The account has no action labels yet. */
export const noActionLabels = { actionLabels: new Set<string>() };
