import { once } from 'node:events';
import { extname } from 'node:path';
import { MessageChannel, type MessagePort, receiveMessageOnPort, Worker } from 'node:worker_threads';
import type { ControlTarget, PushTarget } from '../model/target.ts';
import type { Diagnostic } from '../text/diagnostics.ts';
import type { Config } from './config.ts';
import type { Loaded } from './load.ts';

/** Input of the worker. */
export interface WorkerRequest {
  readonly file: string;
  /** Receives the chunks of the target lists. */
  readonly port: MessagePort;
}

/** Consecutive targets of one list, in the order of the config. */
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
  /** Entry point of the thread. */
  readonly script?: URL;
}

/**
 * Loads the config in `file` like `readConfigFile`, but in a worker thread, so that a config of 50,000
 * streams does not
 * block the event loop. The targets arrive in chunks. Rejects if it is aborted or the thread fails. The
 * thread has no
 * environment, so it cannot read a secret.
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
      // The cast is safe: load-worker.ts sends only chunks.
      const chunk = received.message as Chunk;
      if (chunk.list === 'pushTargets') pushTargets.push(...chunk.targets);
      else controlTargets.push(...chunk.targets);
      await yieldNow();
    }
    return { config: { ...response.rest, pushTargets, controlTargets }, named: response.named };
  } finally {
    chunks.close();
    await worker.terminate();
  }
}

/** Waits for the message of the worker. Rejects if the worker throws or exits first. */
async function responseOf(worker: Worker, signal: AbortSignal): Promise<WorkerResponse> {
  const exited = once(worker, 'exit').then(([code]) => {
    throw new Error(`the config worker exited without a response, exit code ${code}`);
  });
  // The cast is safe: load-worker.ts sends only this message.
  const [response] = (await Promise.race([once(worker, 'message', { signal }), exited])) as [WorkerResponse];
  return response;
}

/** The file beside this one in the same language: TypeScript in a checkout, JavaScript in the package. */
const workerScript = new URL(`./load-worker${extname(import.meta.url)}`, import.meta.url);
