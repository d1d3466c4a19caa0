import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { HttpProxy } from '../../calls/call.ts';
import { ProviderError } from '../../model/answer.ts';
import { describeOpenFiles } from '../../model/open-files.ts';
import { type Clock, secondMs } from '../../model/time.ts';
import type { AskLibrary, LibraryAnswer, LibraryRequest, LibraryTask } from './library.ts';

/**
 * Maximum time in ms for one request to a library, including the start of the thread. It is less than the
 * deadline of an attempt, so that the failure says what did not answer.
 */
const deadlineMs = 8 * secondMs;

export interface LibraryThreadParts {
  /** Environment variables, of which the libraries read their settings. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Returns the proxy for requests to a URL; undefined: none. */
  readonly proxyOf: (url: URL) => HttpProxy | undefined;
  readonly clock: Pick<Clock, 'sleep'>;
  /** Ends all threads when it is aborted. */
  readonly signal: AbortSignal;
}

/**
 * Creates the function that asks a credential library. Each request runs in a new thread, which ends with it:
 *
 * - Both libraries keep a failure for ever. A new thread has no state.
 * - Their requests have no deadline in places, and one of them repeats a request without end if the answer
 *   has expired. Ending the thread ends its requests and closes its sockets.
 * - They print errors, and secrets if DEBUG is set. The output of the thread is discarded.
 * - Loading a library takes some 100 ms of CPU and several MB, which are free again afterwards.
 */
export function createLibraryThread({ env, proxyOf, clock, signal }: LibraryThreadParts): AskLibrary {
  return async ({ script, from, proxiedUrl }: LibraryRequest) => {
    if (signal.aborted) throw stopped(from);
    const ended = new AbortController();
    const proxy = proxiedUrl === undefined ? undefined : proxyOf(new URL(proxiedUrl));
    const task: LibraryTask = { from, env: { ...environmentOf(env), ...proxyVariable(proxy) } };
    const worker = new Worker(script, {
      workerData: task,
      env: task.env,
      execArgv: [],
      stdout: true,
      stderr: true,
    });
    const deadline = clock.sleep(deadlineMs, ended.signal).then(() => {
      throw new ProviderError(
        'unavailable',
        `credentials from ${from}: no response within ${deadlineMs / secondMs} s`,
        { reason: 'no_credentials' },
      );
    });
    try {
      const answer = await Promise.race([answerOf(worker, from, signal), deadline]);
      if ('issued' in answer) return answer.issued;
      const { kind, text } = answer.failure;
      throw new ProviderError(kind, `credentials from ${from}: ${text}`, { reason: 'no_credentials' });
    } finally {
      ended.abort(new Error('the library has answered'));
      deadline.catch(() => undefined);
      await worker.terminate();
    }
  };
}

/** Waits for the answer of the thread. Rejects if the thread ends without one, or if `signal` is aborted. */
async function answerOf(worker: Worker, from: string, signal: AbortSignal): Promise<LibraryAnswer> {
  const exited = once(worker, 'exit').then(() => {
    throw new ProviderError('internal', `credentials from ${from}: the thread of the library ended`);
  });
  // If the thread answers first, nobody waits for its exit.
  exited.catch(() => undefined);
  try {
    // The cast is safe: `answerParent` sends one message, which is a LibraryAnswer.
    return (await Promise.race([once(worker, 'message', { signal }), exited]).then(
      ([message]) => message,
    )) as LibraryAnswer;
  } catch (error) {
    if (error instanceof ProviderError) throw error;
    if (signal.aborted) throw stopped(from);
    // The text of an error from the thread can contain secrets.
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
    const text = describeOpenFiles(code) ?? `the thread of the library failed (${code})`;
    throw new ProviderError('internal', `credentials from ${from}: ${text}`);
  }
}

function stopped(from: string): ProviderError {
  return new ProviderError('unavailable', `credentials from ${from}: stopped, because the account changes`);
}

/**
 * Variables that make a library or Node print requests with their secrets, or that set a proxy for all of
 * them.
 */
const removedVariables = new Set(['DEBUG', 'NODE_DEBUG', 'http_proxy']);

function environmentOf(env: LibraryThreadParts['env']): Record<string, string> {
  const kept = Object.entries(env).flatMap(([name, value]) =>
    value === undefined || removedVariables.has(name) ? [] : [[name, value] as const],
  );
  return Object.fromEntries(kept);
}

/** Returns the variable from which a library reads its proxy: the lower-case name, for http and https. */
function proxyVariable(proxy: HttpProxy | undefined): Record<string, string> {
  if (proxy === undefined) return {};
  const url = new URL(proxy.origin);
  const [, encoded = ''] = proxy.authorization?.split(' ') ?? [];
  const [, user = '', password = ''] =
    /^([^:]*):(.*)$/s.exec(Buffer.from(encoded, 'base64').toString()) ?? [];
  url.username = encodeURIComponent(user);
  url.password = encodeURIComponent(password);
  return { http_proxy: url.href };
}
