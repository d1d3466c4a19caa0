import type { Scenario } from '../../src/simulator/scenario/scenario.ts';
import { scenarioOf } from '../support/scenarios.ts';

export interface ChurnSettings {
  /** Number of streams that are live at any time. */
  readonly streams: number;
  /** Percentage of them that ends, and that begins, in each minute. */
  readonly percent: number;
  readonly minutes: number;
  readonly site: 'china' | 'international';
}

/**
 * One stream, with the times of its pushes in ms after the start. The first push of some began before. All
 * pushes end at the end of the run, so that its truth is complete.
 */
export interface Life {
  readonly name: string;
  readonly pushes: readonly Push[];
}

export interface Push {
  readonly fromMs: number;
  toMs: number;
}

/** Time in ms until the list of live streams shows the begin or the end of a push. */
export const listDelayMs = 4000;
/** Time in ms until a request can return a sample. */
export const sampleDelayMs = 3000;
/** Shortest time in ms that a name is not pushed before it is pushed again. */
const minPauseMs = 20_000;

/** Returns the streams of a run: at regular times, one random live stream ends and another one begins. */
export function livesOf({ streams, percent, minutes }: ChurnSettings): readonly Life[] {
  const everyMs = 60_000 / ((streams * percent) / 100);
  const endMs = minutes * 60_000;
  const random = createRandom(1);
  const newLife = (n: number, fromMs: number) => ({
    name: `room-${n}`,
    pushes: [{ fromMs, toMs: endMs }],
  });
  const lives = Array.from({ length: streams }, (_, n) => newLife(n, -Infinity));
  const live = [...lives];
  const ended: { readonly life: (typeof lives)[number]; readonly at: number }[] = [];
  for (let at = everyMs; at < endMs; at += everyMs) {
    const index = Math.floor(random() * live.length);
    const life = live[index];
    const last = life?.pushes.at(-1);
    if (life === undefined || last === undefined) throw new Error('no stream is live');
    last.toMs = Math.round(at);
    ended.push({ life, at });
    // One push in ten has the name of an earlier one, of a minute or of many minutes ago.
    const before = random() < 0.1 ? ended[Math.floor(random() * ended.length)] : undefined;
    const isPaused = before !== undefined && before.life !== life && !live.includes(before.life);
    if (
      isPaused &&
      at - before.at > minPauseMs &&
      (before.life.pushes.at(-1)?.toMs ?? at) < at - minPauseMs
    ) {
      before.life.pushes.push({ fromMs: Math.round(at), toMs: endMs });
      live[index] = before.life;
    } else {
      const begun = newLife(lives.length, Math.round(at));
      lives.push(begun);
      live[index] = begun;
    }
  }
  return lives;
}

/** Returns the scenario of the simulator with these streams. */
export function scenarioOfLives(lives: readonly Life[], { site }: ChurnSettings): Scenario {
  const base = scenarioOf(`
name: churn
noise: 5%
account: {secret_id: the-id, secret_key: the-key, site: ${site}}
provider: {delay: ${sampleDelayMs}ms, time: iso, empty: list, list: {delay: ${listDelayMs}ms, page_lag: 500ms}}
streams: [{name: room, story: [{at: 0s, for: 1s, silent: true}]}]
`);
  const [group] = base.streams;
  const [event] = group?.story ?? [];
  if (group === undefined || event === undefined) throw new Error('no stream in the scenario');
  const streams = lives.map(({ name, pushes }) => ({
    ...group,
    name,
    startMs: pushes[0]?.fromMs ?? Infinity,
    stopMs: pushes.at(-1)?.toMs ?? 0,
    story: pushes.slice(1).map(({ fromMs }, i) => {
      return { ...event, fromMs: pushes[i]?.toMs ?? fromMs, untilMs: fromMs };
    }),
  }));
  return { ...base, streams };
}

/**
 * Creates a source of pseudo-random numbers from 0 (included) to 1 (excluded), the same in each run
 * (mulberry32).
 */
function createRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let hash = Math.imul(state ^ (state >>> 15), 1 | state);
    hash = (hash + Math.imul(hash ^ (hash >>> 7), 61 | hash)) ^ hash;
    return ((hash ^ (hash >>> 14)) >>> 0) / 2 ** 32;
  };
}
