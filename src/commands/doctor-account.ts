import type { Exchange } from '../calls/exchanges.ts';
import { createLargeBodies } from '../calls/large-bodies.ts';
import { defaultToleranceMs, toleranceOf } from '../collectors/clock-skew-tolerance.ts';
import { createSources } from '../collectors/sources.ts';
import type { Account, Config } from '../config/config.ts';
import type { Secrets } from '../config/secrets.ts';
import type { DiagnosisContext } from '../doctor/diagnose.ts';
import type { AccountFacts, Check, SecretLocation } from '../doctor/facts.ts';
import { probeAccount } from '../doctor/probe.ts';
import type { ProbeTargets } from '../doctor/probe-parts.ts';
import { providerOf } from '../providers/registry.ts';
import { planOf } from './plan-load.ts';
import type { Runtime } from './runtime.ts';

/** An account of the config, with its secrets or with the reasons why there are none. */
export interface ExaminedAccount {
  readonly account: Account;
  readonly secrets: Secrets;
  /** Problems that make requests impossible. */
  readonly problems: readonly string[];
}

export interface ExamineParts extends Pick<Runtime, 'env' | 'clock' | 'random' | 'nonce' | 'signal'> {
  readonly config: Config;
  /** Maximum duration of one request, in ms. */
  readonly requestMs: number;
  /** Receives each response, in order. */
  readonly onExchange: (account: Account, exchange: Exchange) => void;
}

/** Smallest budget in requests per second with which a check can send more than one request. */
const minRepeatRate = 0.5;

/** Sends the requests that the account needs once, and returns what the answers are. */
export async function examineAccount(
  { account, secrets, problems }: ExaminedAccount,
  parts: ExamineParts,
): Promise<AccountFacts> {
  const { config, clock } = parts;
  const { name, provider } = account;
  const { timeZoneOffsetMs } = account.settings;
  const targets = targetsOf(config, name);
  const common = {
    account: name,
    provider,
    secrets: locationsOf(account),
    budgets: account.requestsPerSecond,
    timeZoneOffsetMs: typeof timeZoneOffsetMs === 'number' ? timeZoneOffsetMs : undefined,
  };
  const unchecked = { offsetMs: undefined, toleranceMs: defaultToleranceMs };
  if (problems.length > 0) return { ...common, problems, clock: unchecked, checks: [] };

  let offsetMs: number | undefined;
  let toleranceMs = defaultToleranceMs;
  const sources = createSources(providerOf(provider), account, secrets, new Map(), {
    ...parts,
    largeBodies: createLargeBodies(),
    toleranceMs: () => toleranceMs,
    attemptMs: parts.requestMs,
    // A single failure is what the user wants to see, so nothing is retried.
    retry: { attempts: 1, baseMs: 0, maxMs: 0, deadlineMs: 0 },
    observers: {
      onRequest: () => undefined,
      onClockOffset(measuredMs) {
        offsetMs = measuredMs;
      },
      onExchange: (exchange) => parts.onExchange(account, exchange),
      onBudget: () => undefined,
      onInsecureEndpoint: () => undefined,
      onSecretsRead: () => undefined,
      onRenewal: () => undefined,
    },
  });
  toleranceMs = toleranceOf(targets, sources.byQuestion.push_stats?.limits.periodMs ?? 0);
  try {
    const checks = await probeAccount({
      sources: sources.byQuestion,
      targets,
      questions: questionsOf(config, name),
      clock,
      offsetMs: () => offsetMs,
      operations: Object.keys(account.requestsPerSecond),
      canRepeat: (operation) => (account.requestsPerSecond[operation] ?? 0) >= minRepeatRate,
      signal: parts.signal,
    });
    return { ...common, problems, clock: { offsetMs, toleranceMs }, checks: inOrder(checks, account) };
  } finally {
    await sources.close();
  }
}

/** Returns what the diagnosis of an account needs to know about its provider. */
export function contextOf({ provider, settings }: Account): DiagnosisContext {
  const { advice } = providerOf(provider);
  return {
    permissionService: advice?.permissionService,
    policyFor: (operations) => advice?.policyFor(operations) ?? { operations },
    unitsOf: (operation) => advice?.bitrateUnitsOf?.(settings, operation),
  };
}

function targetsOf({ pushTargets, controlTargets, discoveryTargets }: Config, name: string): ProbeTargets {
  return {
    push: pushTargets.filter(({ stream }) => stream.account === name),
    control: controlTargets.filter(({ account }) => account === name),
    discovery: discoveryTargets.filter(({ account }) => account === name),
  };
}

/** Returns the kinds of data that the account requests if each account with discovery finds a stream. */
function questionsOf(config: Config, name: string) {
  const used = planOf(config, 1).filter(({ account, targets }) => account === name && targets > 0);
  return new Set(used.map(({ question }) => question));
}

function locationsOf({ secrets }: Account): readonly SecretLocation[] {
  return Object.entries(secrets).map(([name, ref]) => ({
    name,
    text: ref.from === 'env' ? `environment variable ${ref.name}` : `file ${ref.path}`,
  }));
}

/** Returns the checks in the order of the operations of the account, as `plan` prints them. */
function inOrder(checks: readonly Check[], { requestsPerSecond }: Account): readonly Check[] {
  const operations = Object.keys(requestsPerSecond);
  return checks.toSorted((a, b) => operations.indexOf(a.operation) - operations.indexOf(b.operation));
}
