import { type EpochMs, secondMs } from '../model/time.ts';
import type { Check } from './facts.ts';
import { type AccountReport, isHealthy, resultText } from './report.ts';

/** Returns the report for programs. Durations are in seconds. */
export function toJsonReport(accounts: readonly AccountReport[], checkedAt: EpochMs): string {
  const report = {
    healthy: isHealthy(accounts),
    checked_at: new Date(checkedAt).toISOString(),
    accounts: accounts.map(({ facts, findings }) => ({
      account: facts.account,
      provider: facts.provider,
      clock_offset_seconds: toSeconds(facts.clock.offsetMs),
      checks: facts.checks.map((check) => ({
        operation: check.operation,
        question: check.question,
        target: targetOf(check),
        result: check.result.kind,
        text: resultText(check, findings),
        ...detailsOf(check),
      })),
      findings: findings.map(({ account: _, ...finding }) => ({
        ...finding,
        paste: finding.paste ?? null,
        message: finding.message ?? null,
      })),
    })),
  };
  return `${JSON.stringify(report, undefined, 2)}\n`;
}

function targetOf({ target }: Check) {
  const { domain, appName = null, stream = null, isMadeUp = false } = target;
  return { domain, app_name: appName, stream, made_up: isMadeUp };
}

function detailsOf({ result }: Check): object {
  switch (result.kind) {
    case 'answered': {
      const { count, malformed, warnings, push } = result;
      return { count, malformed, warnings, newest_age_seconds: toSeconds(push?.ageMs) };
    }
    case 'failed': {
      const { failure, reason = null, message, operation } = result;
      return { failure, reason, message, failed_operation: operation };
    }
    case 'not_checked':
      return { because: result.because };
    case 'not_offered':
      return {};
    default:
      return result satisfies never;
  }
}

function toSeconds(ms: number | undefined): number | null {
  return ms === undefined ? null : Math.round(ms) / secondMs;
}
