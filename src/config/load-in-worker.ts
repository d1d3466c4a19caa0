import { once } from 'node:events';
import { extname } from 'node:path';
import { MessageChannel, type MessagePort, receiveMessageOnPort, Worker } from 'node:worker_threads';
import { describeOpenFiles } from '../model/open-files.ts';
import type { ControlTarget, PushTarget } from '../model/target.ts';
import type { Diagnostic } from '../text/diagnostics.ts';
import type { Config } from './config.ts';
import type { Loaded } from './load.ts';

/** Input of the worker thread, passed as `workerData`. */
export interface WorkerRequest {
  readonly file: string;
  /** Port on which the worker sends the lists of targets, in chunks. */
  readonly port: MessagePort;
}

/** Consecutive targets (streams or domains to poll) from one list, in the order of the config. */
type Chunk =
  | { readonly list: 'pushTargets'; readonly targets: readonly PushTarget[] }
  | { readonly list: 'controlTargets'; readonly targets: readonly ControlTarget[] };

type WorkerResponse = (
  | { readonly rest: Omit<Config, Chunk['list']> }
  | { readonly problems: readonly Diagnostic[] }
) &
  Pick<Loaded, 'named'>;

export interface LoadInWorkerOptions {
  readonly signal: AbortSignal;
  /** Yields to the event loop. */
  readonly yieldNow: () => Promise<void>;
  /** Entry point of the worker thread. The default is load-worker in the directory of this file. */
  readonly script?: URL;
}

/**
 * Loads the config in `file` like `readConfigFile`, but in a worker thread, so that a config with 50,000
 * streams does not block the event loop. The worker sends the targets in chunks. If no file descriptor is left
 * for the worker, that is a problem of the config. Otherwise rejects if the worker fails, or if `signal` is
 * aborted. The worker's environment is empty, so it cannot read secrets from environment variables.
 */
export async function loadInWorker(
  file: string,
  { signal, yieldNow, script = workerScript }: LoadInWorkerOptions,
): Promise<Loaded> {
  signal.throwIfAborted();
  const { port1: chunks, port2: port } = new MessageChannel();
  const request: WorkerRequest = { file, port };
  const worker = new Worker(script, { workerData: request, transferList: [port], env: {}, execArgv: [] });
  try {
    const response = await responseOf(worker, signal);
    if ('problems' in response) return response;
    const pushTargets: PushTarget[] = [];
    const controlTargets: ControlTarget[] = [];
    for (;;) {
      const received = receiveMessageOnPort(chunks);
      if (received === undefined) break;
      // The cast is safe: load-worker.ts sends only chunks through this port.
      const chunk = received.message as Chunk;
      if (chunk.list === 'pushTargets') pushTargets.push(...chunk.targets);
      else controlTargets.push(...chunk.targets);
      await yieldNow();
    }
    return { config: { ...response.rest, pushTargets, controlTargets }, named: response.named };
  } catch (error) {
    const text = describeOpenFiles(openFilesCodeOf(error));
    if (text === undefined) throw error;
    return { problems: [{ line: undefined, column: undefined, path: '', text }], named: [] };
  } finally {
    chunks.close();
    await worker.terminate();
  }
}

/**
 * Returns the error code of a worker that failed because of too many open files; an empty text for all other
 * errors. Node.js tells it only in the message: the error of a thread that cannot start has another code.
 */
function openFilesCodeOf(error: unknown): string {
  const message = error instanceof Error ? error.message : '';
  if (/\bENFILE\b|file table overflow/.test(message)) return 'ENFILE';
  return /\bEMFILE\b|too many open files/.test(message) ? 'EMFILE' : '';
}

/**
 * Waits for the response of the worker. Rejects if the worker throws, if it exits without a response, or if
 * `signal` is aborted.
 */
async function responseOf(worker: Worker, signal: AbortSignal): Promise<WorkerResponse> {
  const exited = once(worker, 'exit').then(([code]) => {
    throw new Error(`the config worker exited without a response, exit code ${code}`);
  });
  // The cast is safe: load-worker.ts sends exactly one message to its parent, which is a WorkerResponse.
  const [response] = (await Promise.race([once(worker, 'message', { signal }), exited])) as [WorkerResponse];
  return response;
}

/**
 * URL of load-worker in the directory of this file. It has the same file extension as this file: .ts in a
 * checkout, .js in the published package.
 */
const workerScript = new URL(`./load-worker${extname(import.meta.url)}`, import.meta.url);
