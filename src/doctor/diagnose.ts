import { diagnoseAnswers } from './diagnose-answers.ts';
import {
  type Advice,
  diagnoseFailure,
  type FailedCheck,
  permissionFindings,
  throttledFindings,
} from './diagnose-failure.ts';
import type { AccountFacts, Failed } from './facts.ts';
import type { Finding } from './finding.ts';
import type { UnitOptions } from './units.ts';

export interface DiagnosisContext extends Advice {
  /** Returns the unit of an operation's bit rates; undefined if no setting changes it. */
  readonly unitsOf: (operation: string) => UnitOptions | undefined;
}

/** Returns what is wrong with an account, with one finding per cause, problems first. */
export function diagnose(facts: AccountFacts, context: DiagnosisContext): readonly Finding[] {
  const failures = facts.checks.flatMap(({ result, ...check }): readonly FailedCheck[] =>
    result.kind === 'failed' ? [{ check, failed: asClock(result, facts) }] : [],
  );
  const { needed = [], unneeded = [] } = Object.groupBy(failures, ({ check: { question } }) =>
    question === 'push_metrics' ? 'unneeded' : 'needed',
  );
  const findings = merge([
    ...configFindings(facts),
    ...failureFindings(facts, needed, context),
    ...failureFindings(facts, unneeded, context).map(toRemark),
    ...optionalFindings(facts, context),
    ...diagnoseAnswers(facts, context.unitsOf),
  ]);
  return [
    ...findings.filter(({ severity }) => severity === 'problem'),
    ...findings.filter(({ severity }) => severity === 'remark'),
  ];
}

function failureFindings(
  facts: AccountFacts,
  failures: readonly FailedCheck[],
  context: DiagnosisContext,
): readonly Finding[] {
  const {
    permission = [],
    throttled = [],
    other = [],
  } = Object.groupBy(failures, ({ failed: { reason } }) =>
    reason === 'permission' || reason === 'throttled' ? reason : 'other',
  );
  return [
    ...permissionFindings(facts.account, permission, context),
    ...throttledFindings(facts, throttled),
    ...other.map((each) => diagnoseFailure(facts, each)),
  ];
}

/** Returns the finding as a remark, because only this command requests the operations. */
function toRemark(finding: Finding): Finding {
  const title = `${finding.title}; the exporter works without ${finding.operations.join(', ')}, with which this command compares the units of bit rates`;
  return { ...finding, severity: 'remark', title };
}

/** Returns the finding for an account of which nothing was requested; none if there are checks. */
function configFindings({ account, problems, checks }: AccountFacts): readonly Finding[] {
  if (problems.length > 0) {
    return [
      {
        account,
        cause: 'config',
        severity: 'problem',
        title: 'secrets or settings outside of the config are missing or unusable, so nothing was requested',
        summary: 'set what is missing',
        remedy: problems,
        operations: [],
      },
    ];
  }
  if (checks.length > 0) return [];
  return [
    {
      account,
      cause: 'unused_account',
      severity: 'remark',
      title: 'nothing in the config uses the account, so nothing was requested and its key was not checked',
      summary: 'add what to collect',
      remedy: ['add a stream or a domain with the name of the account to the config, or remove the account'],
      operations: [],
    },
  ];
}

/**
 * Returns the failure with the reason `clock` if the measured clock offset explains it: to a provider, the
 * time range of a host whose clock is ahead is in the future.
 */
function asClock(failed: Failed, { clock: { offsetMs = 0, toleranceMs } }: AccountFacts): Failed {
  const isOff = Math.abs(offsetMs) > toleranceMs;
  return isOff && failed.reason === 'time_range' ? { ...failed, reason: 'clock' } : failed;
}

/** Returns a remark for each operation that the exporter can do without, but which the account could have. */
function optionalFindings(
  { account, checks }: AccountFacts,
  { policyFor }: DiagnosisContext,
): readonly Finding[] {
  return checks.flatMap(({ operation, result }): readonly Finding[] => {
    if (result.kind !== 'not_offered' || result.advice === undefined) return [];
    return [
      {
        account,
        cause: 'permission',
        severity: 'remark',
        title: `the provider does not offer ${operation} to the account; the exporter works without it`,
        summary: 'grant it, if you want it',
        remedy: [result.advice],
        paste: JSON.stringify(policyFor([operation]), undefined, 2),
        operations: [operation],
      },
    ];
  });
}

/** Merges findings with the same cause and remedy, so that each cause is shown once. */
function merge(findings: readonly Finding[]): readonly Finding[] {
  const groups = Map.groupBy(findings, ({ cause, severity, title, paste }) =>
    JSON.stringify([cause, severity, title, paste]),
  );
  return [...groups.values()].flatMap((group) => {
    const [first] = group;
    const operations = [...new Set(group.flatMap((each) => each.operations))];
    return first === undefined ? [] : [{ ...first, operations }];
  });
}
