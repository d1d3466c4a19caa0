import { createBugLog } from '../log/bug-log.ts';
import type { Log } from '../log.ts';
import { type FailureKind, ProviderError } from '../model/answer.ts';
import { type Clock, type EpochMs, minuteMs, secondMs } from '../model/time.ts';
import { type AlertSet, type AlertTexts, toAlertBody } from './alert-set.ts';
import type { AlertmanagerClient } from './client.ts';
import { createDelivery } from './delivery.ts';

/**
 * Time in ms between two posts of an alert that has not changed, as in Prometheus
 * (`--rules.alert.resend-delay`).
 */
export const resendMs = minuteMs;

/** Time in ms after a post at which a firing alert ends if it is not posted again, as in Prometheus. */
export const lifetimeMs = 4 * resendMs;

/** Maximum number of alerts in one request. */
const maxPerPost = 256;

/** Deadline of one request in ms. */
const postMs = 10 * secondMs;

/** Pauses in ms after the first and after further failures. */
const backoff = { baseMs: secondMs, maxMs: 30 * secondMs } as const;

/** Time in ms for which a stopping sender tries to post what is due. */
const farewellMs = 2 * secondMs;

export interface SenderParts {
  /** Name of the Alertmanager in logs and metrics. */
  readonly name: string;
  readonly alerts: Pick<AlertSet, 'get' | 'ids'>;
  readonly client: AlertmanagerClient;
  readonly texts: AlertTexts;
  /** Reports each finished request; `failure` is undefined if the Alertmanager received the alerts. */
  readonly onPost: (failure: FailureKind | undefined, now: EpochMs) => void;
  readonly clock: Clock;
  readonly log: Log;
}

/** Sender of one Alertmanager. */
export interface Sender {
  changed(id: string): void;
  forget(id: string): void;
  /** Returns why the last request failed; undefined if it succeeded, or if there was none. */
  failure(): string | undefined;
  lastSuccessAt(): EpochMs | undefined;
  /** Posts what is due, but not for longer than two seconds, then stops. */
  stop(): Promise<void>;
}

/**
 * Starts the sender of one Alertmanager. It has a queue and a loop of its own, so that an Alertmanager that
 * does not respond delays nothing else.
 */
export function startSender({ name, alerts, client, texts, onPost, clock, log }: SenderParts): Sender {
  const delivery = createDelivery(resendMs);
  const bugs = createBugLog(log, clock, { alertmanager: name });
  const stopping = new AbortController();
  let wake: () => void = () => undefined;
  let failure: string | undefined;
  let failures = 0;
  let lastSuccessAt: EpochMs | undefined;
  /** Monotonic time of the last request. */
  let requestedAt = Number.NEGATIVE_INFINITY;
  /** Ends the last request. */
  let attempt = new AbortController();
  for (const id of alerts.ids()) delivery.changed(id);

  /** Waits for `ms`, or until an alert changes or the sender stops. */
  async function nap(ms: number): Promise<void> {
    if (stopping.signal.aborted) return;
    const napping = new AbortController();
    wake = () => napping.abort();
    await clock.sleep(ms, napping.signal).catch(() => undefined);
    wake = () => undefined;
  }

  function report(error: ProviderError | undefined): void {
    const message = error?.message;
    if (message === failure) return;
    if (message === undefined) log.info('posting alerts works again', { alertmanager: name });
    else
      log.warn('alerts cannot be posted', {
        alertmanager: name,
        kind: error?.kind,
        why: message,
        error: error?.cause,
      });
    failure = message;
  }

  /** Returns the time in ms until the next request. */
  function waitMs(): number {
    const now = clock.elapsed();
    return Math.min(delivery.waitMs(now), requestedAt + resendMs - now);
  }

  /**
   * Posts the alerts that are due, or an empty list, which shows that the Alertmanager would receive alerts.
   * Reports whether the Alertmanager has processed the request, so that no retry is needed.
   */
  async function post(): Promise<boolean> {
    requestedAt = clock.elapsed();
    const ids = delivery.take(requestedAt, maxPerPost);
    const now = clock.now();
    const error = await withTimeout(ids, now).then(() => undefined, toProviderError);
    // An Alertmanager that rejects a request has stored its valid alerts. The others would be rejected again.
    const isDone = error === undefined || error.kind === 'refused';
    if (isDone) delivery.delivered(ids, clock.elapsed());
    else delivery.failed(ids);
    if (error === undefined) lastSuccessAt = now;
    onPost(error?.kind, clock.now());
    report(error);
    return isDone;
  }

  /** Like `post`, but an error of its reports, which is a bug, counts as a failed request and does not end the loop. */
  async function tryPost(): Promise<boolean> {
    let isDone = false;
    await bugs.guard('post of alerts', async () => {
      isDone = await post();
    });
    return isDone;
  }

  /** Posts alerts in their state at `now` (wall clock). Rejects at the deadline. */
  async function withTimeout(ids: readonly string[], now: EpochMs): Promise<void> {
    const bodies = ids.flatMap((id) => {
      const alert = alerts.get(id);
      return alert === undefined ? [] : [toAlertBody(alert, now, lifetimeMs, texts)];
    });
    const own = new AbortController();
    attempt = own;
    const ended = new AbortController();
    const timeout = clock.sleep(postMs, ended.signal).then(
      () => own.abort(new ProviderError('unavailable', `Alertmanager ${name}: no response within 10 s`)),
      () => undefined,
    );
    try {
      await client.post(bodies, own.signal);
    } finally {
      ended.abort();
      await timeout;
    }
  }

  async function run(): Promise<void> {
    while (!stopping.signal.aborted) {
      const ms = waitMs();
      if (ms > 0) {
        await nap(ms);
        continue;
      }
      if (await tryPost()) failures = 0;
      else {
        const pauseMs = Math.min(backoff.maxMs, backoff.baseMs * 2 ** failures++);
        await clock.sleep(pauseMs, stopping.signal).catch(() => undefined);
      }
    }
    while (failure === undefined && delivery.waitMs(clock.elapsed()) === 0) if (!(await tryPost())) break;
  }

  const running = run();
  return {
    changed(id) {
      delivery.changed(id);
      wake();
    },
    forget: delivery.forget,
    failure: () => failure,
    lastSuccessAt: () => lastSuccessAt,
    async stop() {
      stopping.abort(new Error('the sender is stopping'));
      wake();
      const timedOut = new AbortController();
      await Promise.race([running, clock.sleep(farewellMs, timedOut.signal).catch(() => undefined)]);
      timedOut.abort();
      attempt.abort(new ProviderError('unavailable', `Alertmanager ${name}: no response before the end`));
      await bugs.guard('end of connections', client.close);
      await running;
    },
  };
}

/** Returns the failure of a post. Hides the message of any other error, because it can contain a secret. */
function toProviderError(error: unknown): ProviderError {
  if (error instanceof ProviderError) return error;
  return new ProviderError('internal', 'internal error in the exporter', { cause: error });
}
