import type { Question } from '../model/capabilities.ts';
import type { FailureReason } from '../model/failure-reason.ts';
import type { ControlTarget } from '../model/target.ts';
import { type Clock, secondMs } from '../model/time.ts';
import type { Check, CheckTarget } from './facts.ts';
import {
  listApps,
  listControlActions,
  listForbidden,
  listPushes,
  mapDomain,
  stateOf,
} from './probe-lists.ts';
import type { Known, Outcome, ProbeParts } from './probe-parts.ts';
import { probePush } from './probe-push.ts';
import { failedResult } from './result.ts';

/** Maximum duration of one check in ms, with all its requests and the waits for the rate limit. */
const maxCheckMs = 60 * secondMs;

/**
 * Reasons that concern the whole account: each further request would fail for the same reason. A few failures with a
 * wrong key are harmless, but there is nothing to learn from them.
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
 * Checks each operation that the account uses with one request, or a few if the first answer leaves its cause open.
 * Stops after a failure that concerns the whole account. Rejects with the reason of `signal` after an abort.
 */
export async function probeAccount(parts: ProbeParts): Promise<readonly Check[]> {
  const { sources, targets, questions, clock, signal } = parts;
  const checks: Check[] = [];
  const known: Known = { online: new Map(), stream: undefined };
  /** Operation whose check failed for a reason that concerns the whole account. */
  let stoppedBy: string | undefined;

  /** Runs one check and adds its result. `task` returns undefined if there is nothing to ask about. */
  async function check(
    source: { readonly operation: string } | undefined,
    question: Check['question'],
    target: CheckTarget | undefined,
    task: (signal: AbortSignal) => Promise<Outcome>,
  ): Promise<void> {
    if (source === undefined || target === undefined) return;
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
    const outcome = await withTimeLimit(clock, signal, task).catch(
      (error: unknown): Outcome => ({ result: failedResult(error, parts.failedOperation() ?? operation) }),
    );
    signal.throwIfAborted();
    const { result } = outcome;
    if (result.kind === 'failed' && result.reason !== undefined && accountReasons.has(result.reason)) {
      stoppedBy = operation;
    }
    checks.push({ operation, question, target: outcome.target ?? target, result });
  }

  const uses = (question: Question) => questions.has(question);
  const domain = targets.push[0]?.stream.domain ?? targets.discovery[0]?.domain;
  if (uses('push_stats') && domain !== undefined && sources.domain_mapping?.isNeededFor(domain) === true) {
    await check(sources.domain_mapping, 'domain_mapping', { domain }, (signal) =>
      mapDomain(sources, domain, signal),
    );
  }
  if (uses('online_streams')) {
    const [first] = targets.discovery;
    await check(sources.online_streams, 'online_streams', first, (signal) => listApps(parts, known, signal));
  }
  if (uses('push_stats')) {
    const first = targets.push[0]?.stream ?? targets.discovery[0];
    await check(sources.push_stats, 'push_stats', first, (signal) => probePush(parts, known, signal));
  }
  if (uses('live_push_stats')) {
    const { stream = targets.push[0]?.stream } = known;
    await check(sources.live_push_stats, 'live_push_stats', stream && withoutStream(stream), (signal) =>
      listPushes(sources, stream, signal),
    );
  }
  const [controlled] = targets.control;
  if (uses('control_history')) {
    await check(sources.control_history, 'control_history', controlled && domainOf(controlled), (signal) =>
      listControlActions(parts, controlled, signal),
    );
  }
  if (uses('forbidden_streams')) {
    await check(
      sources.forbidden_streams,
      'forbidden_streams',
      controlled && { domain: controlled.domain },
      (signal) => listForbidden(sources, controlled, signal),
    );
  }
  const isListMissing = checks.some(({ result }) => result.kind === 'not_offered');
  const stream = known.stream ?? targets.push[0]?.stream;
  if (isListMissing && stream !== undefined) {
    await check(sources.stream_state, 'stream_state', stream, (signal) => stateOf(sources, stream, signal));
  }
  return checks;
}

function withoutStream({ domain, appName }: CheckTarget): CheckTarget {
  return { domain, appName };
}

function domainOf({ domain, appName }: ControlTarget): CheckTarget {
  return { domain, appName };
}

/** Runs a task, and aborts it after `maxCheckMs`. */
async function withTimeLimit<T>(
  clock: Clock,
  signal: AbortSignal,
  task: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  signal.throwIfAborted();
  const stop = new AbortController();
  const onAbort = () => stop.abort(signal.reason);
  signal.addEventListener('abort', onAbort);
  const ended = new AbortController();
  clock.sleep(maxCheckMs, ended.signal).then(
    () => stop.abort(new Error(`not finished within ${maxCheckMs / secondMs} s`)),
    () => undefined,
  );
  try {
    return await task(stop.signal);
  } finally {
    signal.removeEventListener('abort', onAbort);
    ended.abort(new Error('the check has ended'));
  }
}
