import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { AttackCounts, AttackOrder } from './attacker.ts';

/** Starts the attacks in a process of their own. The function that it returns ends them, and returns their counters. */
export function startAttacks(order: AttackOrder): () => Promise<AttackCounts> {
  const child = fork(join(import.meta.dirname, 'attacker.ts'), [], { execArgv: [] });
  const exited = once(child, 'exit');
  // The cast is safe: the attacker sends nothing else.
  const counted = once(child, 'message').then(([counts]) => counts as AttackCounts);
  child.send(order);
  return async () => {
    if (child.connected) child.send('end');
    const counts = await Promise.race([
      counted,
      exited.then(([code]) => {
        throw new Error(`the attacker exited with ${code}`);
      }),
    ]);
    await exited;
    return counts;
  };
}
