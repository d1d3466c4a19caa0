import type { FailureKind } from '../model/answer.ts';
import type { FailureReason } from '../model/failure-reason.ts';
import { hourMs, minuteMs, secondMs } from '../model/time.ts';
import type { AccountFacts, Check, CheckTarget, ClockFacts, Failed } from './facts.ts';
import type { Cause, Finding } from './finding.ts';
import { type Remedy, remedies } from './remedies.ts';

/** What a remedy depends on that only the code of the provider knows. */
export interface Advice {
  /** Name of the service that manages permissions; undefined if the provider has none. */
  readonly permissionService?: string | undefined;
  /** Returns the policy that permits some operations. */
  readonly policyFor: (operations: readonly string[]) => object;
}

/** Check that failed. */
export interface FailedCheck {
  readonly check: Pick<Check, 'operation' | 'question' | 'target'>;
  readonly failed: Failed;
}

/**
 * Returns the finding for the failure of one check. See `permissionFindings` and `throttledFindings` for
 * failures that several operations have together.
 */
export function diagnoseFailure(
  { account, secrets, clock, budgets, timeZoneOffsetMs }: Omit<AccountFacts, 'checks'>,
  { check: { operation, target }, failed }: FailedCheck,
): Finding {
  const { reason, failure, message } = failed;
  const common = { account, severity: 'problem', operations: [operation], message } as const;
  switch (reason) {
    case undefined:
    case 'permission':
    case 'throttled':
      return { ...common, ...remedyOfKind(failure, failed.operation, budgets) };
    case 'clock':
      return { ...common, cause: reason, ...clockRemedy(clock) };
    case 'time_zone': {
      const remedy = remedies.time_zone({ operation: failed.operation, secrets });
      return { ...common, cause: reason, ...remedy, ...zoneRemedy(timeZoneOffsetMs, failed.shiftMs) };
    }
    case 'domain_kind':
    case 'domain_not_found':
      return { ...common, cause: reason, ...domainRemedy(reason, target, failed) };
    default:
      return { ...common, cause: reason, ...remedies[reason]({ operation: failed.operation, secrets }) };
  }
}

/** Returns the remedy for a failure without a reason, by its kind. */
function remedyOfKind(
  failure: FailureKind,
  operation: string,
  budgets: AccountFacts['budgets'],
): Remedy & { readonly cause: Cause } {
  const context = { operation, secrets: [] };
  switch (failure) {
    case 'auth':
      return {
        cause: 'credentials',
        title: 'the provider rejects the credentials',
        summary: 'check the credentials',
        remedy: ['check key, secret and token of the account, and the permissions of its user or role'],
      };
    case 'refused':
      return {
        cause: 'refused',
        title: `the provider rejects ${operation} with an error that the exporter does not know`,
        summary: 'see the message',
        remedy: [
          'look up the error code of the message in the documentation of the provider',
          'run the command again with --record=DIR and report the files of DIR',
        ],
      };
    case 'throttled':
      return { cause: 'throttled', ...throttledRemedy([operation], budgets) };
    case 'unavailable':
      return { cause: 'server_error', ...remedies.server_error(context) };
    case 'malformed':
      return { cause: 'unreadable', ...remedies.unreadable(context) };
    case 'internal':
      return {
        cause: 'internal',
        title: 'the exporter itself failed: this is a bug',
        summary: 'report the bug',
        remedy: ['report the message with the version of the exporter'],
      };
    default:
      return failure satisfies never;
  }
}

/** Returns the remedy for a wrong clock, with the measured offset. */
export function clockRemedy({ offsetMs, toleranceMs }: ClockFacts): Remedy {
  const isMeasured = offsetMs !== undefined && Math.abs(offsetMs) >= secondMs;
  const direction = (offsetMs ?? 0) > 0 ? 'ahead of' : 'behind';
  const offset = isMeasured ? `${toSeconds(Math.abs(offsetMs))} ${direction}` : 'not in step with';
  return {
    title: `the clock of this host is ${offset} the provider's clock`,
    summary: isMeasured ? `set the clock (${toSeconds(offsetMs)} off)` : 'set the clock',
    remedy: [
      'start time synchronization (NTP, chrony, systemd-timesyncd) on this host; containers have the clock of their host',
      `the exporter accepts a difference of at most ${toSeconds(toleranceMs)}, so that no sample is lost`,
    ],
  };
}

/**
 * Returns one finding for all permissions that the user or role of an account lacks, with the policy that
 * grants them; none if it lacks none.
 */
export function permissionFindings(
  account: string,
  failures: readonly FailedCheck[],
  { permissionService = 'the provider', policyFor }: Advice,
): readonly Finding[] {
  const [first] = failures;
  if (first === undefined) return [];
  const denied = [...new Set(failures.map(({ failed }) => failed.operation))];
  return [
    {
      account,
      cause: 'permission',
      severity: 'problem',
      title: `the user or role of the key has no permission for ${denied.join(', ')}`,
      summary: `grant it in ${permissionService}`,
      remedy: [
        `in the console of ${permissionService}, create a policy with this text and attach it to the user or role of the key`,
        'a new policy can take a minute to become effective',
      ],
      paste: JSON.stringify(policyFor(denied), undefined, 2),
      operations: failures.map(({ check }) => check.operation),
      message: first.failed.message,
    },
  ];
}

function domainRemedy(
  reason: Extract<FailureReason, 'domain_kind' | 'domain_not_found'>,
  target: CheckTarget,
  { mapping, operation }: Pick<Failed, 'mapping' | 'operation'>,
): Remedy {
  const { domain } = target;
  if (mapping?.push.includes(domain) === true && !mapping.main.includes(domain)) {
    const [main] = mapping.main;
    return {
      title: `${domain} is an ingest domain (push domain), but the config needs a main streaming domain here`,
      summary: main === undefined ? 'write the streaming domain' : `write domain: ${main}`,
      remedy: [
        main === undefined
          ? `write the main streaming domain to which ${domain} belongs; the console of the provider shows it`
          : `replace the domain ${domain} with ${mapping.main.join(' or ')} in the config`,
      ],
    };
  }
  if (reason === 'domain_not_found' && mapping === undefined) {
    return {
      title: `${domain} is no live domain of this account`,
      summary: 'correct the domain or the key',
      remedy: [
        `check the domain ${domain} in the config for typing errors`,
        'check that the key belongs to the account that has the domain: the console of that account lists it',
      ],
    };
  }
  return {
    title: `${domain} is not of the kind of domain that ${operation} needs, or is not a domain of this account`,
    summary: 'correct the domain',
    remedy: [
      'the provider has two kinds of domains: streams are pushed to an ingest domain and played from a streaming domain',
      `check in the console of which kind ${domain} is, and that it belongs to the account of the key`,
    ],
  };
}

/** Returns one finding for all operations that the provider throttles; none if there is none. */
export function throttledFindings(
  { account, budgets }: Pick<AccountFacts, 'account' | 'budgets'>,
  failures: readonly FailedCheck[],
): readonly Finding[] {
  const [first] = failures;
  if (first === undefined) return [];
  return [
    {
      account,
      cause: 'throttled',
      severity: 'problem',
      ...throttledRemedy([...new Set(failures.map(({ failed }) => failed.operation))], budgets),
      operations: failures.map(({ check }) => check.operation),
      message: first.failed.message,
    },
  ];
}

function throttledRemedy(
  operations: readonly string[],
  budgets: AccountFacts['budgets'],
): Remedy & { readonly paste: string } {
  // Half of the budget, with two decimals at most; the config accepts no less than 0.01.
  const halfOf = (budget: number) => Math.max(0.01, Math.round(budget * 50) / 100);
  const halves = operations.map((operation) => `${operation}: ${halfOf(budgets[operation] ?? 2)}`);
  return {
    title: 'the provider rejects requests because of its rate limit, which all clients of the account share',
    summary: 'lower requests_per_second',
    remedy: [
      'check which other programs use the same account and operation, and slow them down',
      'or lower the budget of the exporter, which then polls less often; plan FILE shows how often',
      'or ask the provider for a higher limit',
    ],
    paste: `requests_per_second: {${halves.join(', ')}}`,
  };
}

/** Largest UTC offset in ms of a time zone. */
const maxOffsetMs = 14 * hourMs;

/** Returns the time zone in which the times fit; empty if it is unknown. */
function zoneRemedy(
  offsetMs: number | undefined,
  shiftMs: number | undefined,
): Partial<Pick<Finding, 'summary' | 'paste'>> {
  if (offsetMs === undefined || shiftMs === undefined || Math.abs(offsetMs + shiftMs) > maxOffsetMs)
    return {};
  const minutes = Math.round(Math.abs(offsetMs + shiftMs) / minuteMs);
  const twoDigits = (number: number) => String(number).padStart(2, '0');
  const sign = offsetMs + shiftMs < 0 ? '-' : '+';
  const zone = `"${sign}${twoDigits(Math.floor(minutes / 60))}:${twoDigits(minutes % 60)}"`;
  return { summary: `set time_zone to ${zone}`, paste: `time_zone: ${zone}` };
}

/** Formats a time in whole seconds, rounded up, such as `612 s`. */
export function toSeconds(ms: number): string {
  return `${Math.ceil(Math.abs(ms) / secondMs)} s`;
}
