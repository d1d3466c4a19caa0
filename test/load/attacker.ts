import { createDraws } from '../chaos/draws.ts';
import { type AttackName, attacks, type Counts } from './attacks.ts';

/*
 * Child process with hostile clients, so that they do not delay the scraper that is measured. The parent sends the
 * attacks, and later `end`; then this process sends its counters and exits. It also exits without the parent, and at
 * `maxMs`.
 */

export interface AttackOrder {
  readonly port: number;
  readonly seed: number;
  readonly addresses: readonly string[];
  readonly attacks: readonly { readonly name: AttackName; readonly size: number }[];
  /** Maximum duration in ms. */
  readonly maxMs: number;
}

export type AttackCounts = Readonly<Record<string, Counts>>;

const stopped = new AbortController();

async function run({ port, seed, addresses, attacks: ordered, maxMs }: AttackOrder): Promise<void> {
  const counts: Record<string, Counts> = {};
  setTimeout(() => stopped.abort(), maxMs).unref();
  await Promise.all(
    ordered.map(({ name, size }) => {
      const own: Counts = {};
      counts[name] = own;
      return attacks[name]({
        port,
        size,
        addresses,
        draws: createDraws(`${seed} ${name}`),
        signal: stopped.signal,
        count: (event) => {
          own[event] = (own[event] ?? 0) + 1;
        },
      });
    }),
  );
  process.send?.(counts, () => process.exit());
}

process.on('message', (message: AttackOrder | 'end') => {
  if (message === 'end') stopped.abort();
  else void run(message);
});
process.on('disconnect', () => process.exit());
