import { once } from 'node:events';
import { extname } from 'node:path';
import { MessageChannel, type MessagePort, receiveMessageOnPort, Worker } from 'node:worker_threads';
import type { ControlTarget, PushTarget } from '../model/target.ts';
import type { Config } from './config.ts';
import type { Problem } from '../text/diagnostics.ts';
import type { Loaded } from './load.ts';

/** What the worker is told. */
export interface WorkerOrder {
  readonly file: string;
  /** Takes the pieces of the lists. */
  readonly port: MessagePort;
}

/** A stretch of one of the lists, in the order of the config. */
type Piece =
  | { readonly list: 'pushTargets'; readonly targets: readonly PushTarget[] }
  | { readonly list: 'controlTargets'; readonly targets: readonly ControlTarget[] };

type Answer = ({ readonly rest: Omit<Config, Piece['list']> } | { readonly problems: readonly Problem[] }) &
  Pick<Loaded, 'named'>;

export interface ReadApart {
  readonly signal: AbortSignal;
  /** Lets the event loop turn. */
  readonly turn: () => Promise<void>;
  /** What the thread runs. */
  readonly script?: URL;
}

/**
 * Loads the config in `file` as `readConfigFile` does, in a thread of its own, so that one of 50,000 streams holds nobody
 * up; it comes over piece by piece. Rejects when it is aborted, or when the thread fails. The thread has no environment:
 * it reads no secret.
 */
export async function readConfigApart(
  file: string,
  { signal, turn, script = workerScript }: ReadApart,
): Promise<Loaded> {
  signal.throwIfAborted();
  const { port1: pieces, port2: port } = new MessageChannel();
  const order: WorkerOrder = { file, port };
  const worker = new Worker(script, { workerData: order, transferList: [port], env: {}, execArgv: [] });
  try {
    const answer = await answerOf(worker, signal);
    if ('problems' in answer) return answer;
    const pushTargets: PushTarget[] = [];
    const controlTargets: ControlTarget[] = [];
    for (;;) {
      const received = receiveMessageOnPort(pieces);
      if (received === undefined) break;
      // The cast: what the worker sends.
      const piece = received.message as Piece;
      if (piece.list === 'pushTargets') pushTargets.push(...piece.targets);
      else controlTargets.push(...piece.targets);
      await turn();
    }
    return { config: { ...answer.rest, pushTargets, controlTargets }, named: answer.named };
  } finally {
    pieces.close();
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
