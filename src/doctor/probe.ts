import type { Question } from '../model/capabilities.ts';
import type { FailureReason } from '../model/failure-reason.ts';
import type { Sources } from '../model/questions.ts';
import type { Clock } from '../model/time.ts';
import type { Check, CheckTarget } from './facts.ts';
import {
  listApp,
  listControlActions,
  listForbidden,
  listPushes,
  mapDomain,
  stateOf,
  withMapping,
} from './probe-lists.ts';
import { probeMetrics } from './probe-metrics.ts';
import type { Known, Outcome, ProbeParts, ProbeRun } from './probe-parts.ts';
import { madeUpTarget, probeAccess, probePush, type Streams, streamsByApp } from './probe-push.ts';
import { checkTimeout, failedResult, maxCheckMs } from './result.ts';

/** Maximum number of domains or applications for which one operation is requested. */
const maxTargets = 3;

/**
 * Reasons that concern the whole account: each further request would fail for the same reason. A few failures
 * with a wrong key are harmless, but there is nothing to learn from them.
 */
const accountReasons: ReadonlySet<FailureReason> = new Set([
  ...(['key_id', 'key_secret', 'token', 'key_restricted', 'no_credentials', 'signature_version'] as const),
  ...(['clock', 'http_cache', 'service_not_enabled', 'service_stopped', 'ticket', 'endpoint'] as const),
  ...([
    'dns',
    'connect',
    'network_route',
    'firewall',
    'timeout',
    'tls_trust',
    'tls_certificate',
    'tls',
  ] as const),
  ...(['protocol', 'proxy_credentials', 'proxy_forbids', 'proxy_failed', 'rejected_on_the_way'] as const),
  ...(['web_page', 'open_files'] as const),
]);

/**
 * Checks each operation that the account uses: normally with one request for each of up to three domains or
 * applications, with a few more if the answer leaves a cause open.
 * Stops after a failure that concerns the whole account. Rejects with the reason of `signal` after an abort.
 */
export async function probeAccount(parts: ProbeParts): Promise<readonly Check[]> {
  const { sources, targets, questions, clock, signal } = parts;
  const checks: Check[] = [];
  const known: Known = { online: new Map(), stream: undefined, hasData: false, measured: undefined };
  const run: ProbeRun = { ...parts, known };
  /** Operation whose check failed for a reason that concerns the whole account. */
  let stoppedBy: string | undefined;

  /** Runs one check and adds its result; a no-op if the account has no source for the question. */
  async function check<Q extends Check['question']>(
    question: Q,
    target: CheckTarget,
    task: (source: NonNullable<Sources[Q]>, signal: AbortSignal) => Promise<Outcome>,
  ): Promise<void> {
    const source = sources[question];
    if (!source) return;
    const { operation } = source;
    if (stoppedBy !== undefined) {
      const because = `the failure of ${stoppedBy} concerns the whole account`;
      checks.push({
        operation,
        question,
        target,
        result: { kind: 'not_checked', because, failedOperation: stoppedBy },
      });
      return;
    }
    const outcome = await withTimeLimit(clock, signal, async (limited) => {
      const own = await task(source, limited).catch(
        (error: unknown): Outcome => ({ result: failedResult(error, operation, parts.operations) }),
      );
      return withMapping(sources, own, target.domain, limited);
    });
    signal.throwIfAborted();
    const { result } = outcome;
    if (result.kind === 'failed' && result.reason !== undefined && accountReasons.has(result.reason)) {
      stoppedBy = operation;
    }
    checks.push({ operation, question, target: outcome.target ?? target, result });
  }

  /**
   * Runs a check for each target of an operation, at most `maxTargets`. Only for the first one if the budget
   * is too small for more.
   */
  async function checkEach<Q extends Check['question'], T>(
    question: Q,
    all: readonly T[],
    toTarget: (target: T) => CheckTarget,
    task: (source: NonNullable<Sources[Q]>, target: T, signal: AbortSignal) => Promise<Outcome>,
  ): Promise<void> {
    const source = sources[question];
    if (!source) return;
    const count = parts.canRepeat(source.operation) ? maxTargets : 1;
    for (const target of all.slice(0, count)) {
      await check(question, toTarget(target), (own, limited) => task(own, target, limited));
    }
  }

  const uses = (question: Question) => questions.has(question);
  if (uses('push_stats')) {
    await checkEach('domain_mapping', mappedDomains(parts), (domain) => ({ domain }), mapDomain);
  }
  if (uses('online_streams')) {
    await checkEach('online_streams', targets.discovery, appOf, (source, app, limited) =>
      listApp(source, run, app, limited),
    );
  }
  if (uses('push_stats')) {
    const groups = streamsByApp(run);
    const [app] = targets.discovery;
    await checkEach('push_stats', groups, streamOf, (source, streams, limited) =>
      probePush(source, run, streams, limited),
    );
    if (groups.length === 0 && app !== undefined) {
      await check('push_stats', madeUpTarget(app), (source, limited) =>
        probeAccess(source, clock, app, limited),
      );
    }
  }
  const stream = known.stream ?? targets.push[0]?.stream;
  if (uses('live_push_stats') && stream !== undefined) {
    await check('live_push_stats', appOf(stream), (source, limited) =>
      listPushes(source, known, stream, limited),
    );
  }
  if (uses('control_history')) {
    await checkEach('control_history', targets.control, appOf, (source, target, limited) =>
      listControlActions(source, parts, target, limited),
    );
  }
  if (uses('forbidden_streams')) {
    const domains = targets.control.map(({ domain }) => domain);
    await checkEach('forbidden_streams', domains, (domain) => ({ domain }), listForbidden);
  }
  const isListMissing = checks.some(({ result }) => result.kind === 'not_offered');
  if (isListMissing && stream !== undefined) {
    await check('stream_state', stream, (source, limited) => stateOf(source, stream, limited));
  }
  const { measured } = known;
  if (measured !== undefined) {
    // The last check: the exporter does without this operation, so its failure must not stop other checks.
    const { domain, appName, stream: name } = measured;
    await check('push_metrics', { domain, appName, stream: name }, (source, limited) =>
      probeMetrics(source, clock, measured, limited),
    );
  }
  return checks;
}

/** Returns the domains of streams whose mapping the account requests, each once. */
function mappedDomains({ sources, targets }: ProbeParts): readonly string[] {
  const all = [
    ...targets.push.map(({ stream }) => stream.domain),
    ...targets.discovery.map(({ domain }) => domain),
  ];
  return [...new Set(all)].filter((domain) => sources.domain_mapping?.isNeededFor(domain) === true);
}

function appOf({ domain, appName }: CheckTarget): CheckTarget {
  return { domain, appName };
}

function streamOf([first]: Streams): CheckTarget {
  return first.stream;
}

/** Runs a task, and aborts it after `maxCheckMs`. */
async function withTimeLimit<T>(
  clock: Clock,
  signal: AbortSignal,
  task: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  signal.throwIfAborted();
  const late = new AbortController();
  const ended = new AbortController();
  clock.sleep(maxCheckMs, ended.signal).then(
    () => late.abort(checkTimeout),
    () => undefined,
  );
  try {
    return await task(AbortSignal.any([signal, late.signal]));
  } finally {
    ended.abort(new Error('the check has ended'));
  }
}
