import { once } from 'node:events';
import { extname } from 'node:path';
import { MessageChannel, type MessagePort, receiveMessageOnPort, Worker } from 'node:worker_threads';
import type { ControlTarget, PushTarget } from '../model/target.ts';
import type { Diagnostic } from '../text/diagnostics.ts';
import type { Config } from './config.ts';
import type { Loaded } from './load.ts';

/** What the worker is told. */
export interface WorkerRequest {
  readonly file: string;
  /** Takes the pieces of the lists. */
  readonly port: MessagePort;
}

/** A stretch of one of the lists, in the order of the config. */
type Piece =
  | { readonly list: 'pushTargets'; readonly targets: readonly PushTarget[] }
  | { readonly list: 'controlTargets'; readonly targets: readonly ControlTarget[] };

type Answer = (
  | { readonly rest: Omit<Config, Piece['list']> }
  | { readonly problems: readonly Diagnostic[] }
) &
  Pick<Loaded, 'named'>;

export interface LoadInWorkerOptions {
  readonly signal: AbortSignal;
  /** Lets the event loop turn. */
  readonly yieldNow: () => Promise<void>;
  /** What the thread runs. */
  readonly script?: URL;
}

/**
 * Loads the config in `file` as `readConfigFile` does, in a thread of its own, so that one of 50,000 streams holds nobody
 * up; it comes over piece by piece. Rejects when it is aborted, or when the thread fails. The thread has no environment:
 * it reads no secret.
 */
export async function loadInWorker(
  file: string,
  { signal, yieldNow, script = workerScript }: LoadInWorkerOptions,
): Promise<Loaded> {
  signal.throwIfAborted();
  const { port1: chunks, port2: port } = new MessageChannel();
  const order: WorkerRequest = { file, port };
  const worker = new Worker(script, { workerData: order, transferList: [port], env: {}, execArgv: [] });
  try {
    const answer = await answerOf(worker, signal);
    if ('problems' in answer) return answer;
    const pushTargets: PushTarget[] = [];
    const controlTargets: ControlTarget[] = [];
    for (;;) {
      const received = receiveMessageOnPort(chunks);
      if (received === undefined) break;
      // The cast: what the worker sends.
      const chunk = received.message as Piece;
      if (chunk.list === 'pushTargets') pushTargets.push(...chunk.targets);
      else controlTargets.push(...chunk.targets);
      await yieldNow();
    }
    return { config: { ...answer.rest, pushTargets, controlTargets }, named: answer.named };
  } finally {
    chunks.close();
    await worker.terminate();
  }
}

/** What the worker sends of itself. An error of its rejects; so does its end, after which nothing more would come. */
async function answerOf(worker: Worker, signal: AbortSignal): Promise<Answer> {
  const ended = once(worker, 'exit').then(([code]) => {
    throw new Error(`the thread that reads the config ended without an answer, with code ${code}`);
  });
  // The cast: what the worker sends.
  const [answer] = (await Promise.race([once(worker, 'message', { signal }), ended])) as [Answer];
  return answer;
}

/** Beside this file, and in the same language: TypeScript in a checkout, JavaScript in the package. */
const workerScript = new URL(`./load-worker${extname(import.meta.url)}`, import.meta.url);
