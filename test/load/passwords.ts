import { setTimeout as sleep } from 'node:timers/promises';
import { hashSync } from 'bcryptjs';
import type { LoadSettings } from './flags.ts';
import { type Fleet, startFleet } from './fleet.ts';
import { type Phase, runPhase } from './phase.ts';
import { type ProcessFigures, readFigures } from './process-figures.ts';
import { type Scrape, scrapeOnce } from './scraper.ts';

/** What the part with wrong passwords has shown. */
export interface PasswordsOutcome {
  readonly before: Phase;
  readonly attack: Phase;
  readonly after: Phase;
  /** First uses of right passwords during the attack, which the exporter does not remember yet. */
  readonly firstUses: readonly FirstUse[];
  readonly start: ProcessFigures;
}

export interface FirstUse {
  /** Address of the client: that of an attacker, or one that sends no wrong passwords. */
  readonly address: string;
  /** Time in ms until the exporter accepted the password, with retries; undefined if it never did. */
  readonly ms: number | undefined;
  readonly refusals: number;
}

/** User and password of the well-behaved scrapers, and of the first uses. */
const userName = 'prometheus';
const password = 'correct-horse';
/** Users whose password is used for the first time during the attack. */
const newUsers = Array.from({ length: 8 }, (_, i) => `new-${i}`);

/** Wrong passwords per second. */
export const guessesPerSecond = 200;

/** Cost of the hashes: the default of htpasswd and of the exporter-toolkit's documentation. */
const cost = 10;

/** Pause in ms before a refused first use is tried again. */
const retryMs = 1_000;

export async function runPasswords(
  settings: LoadSettings,
  onPhase: (name: string) => void = () => undefined,
): Promise<PasswordsOutcome> {
  const { streams, seconds } = settings;
  const login = `${userName}:${password}`;
  const users = [userName, ...newUsers].map((name) => [name, hashSync(password, cost)] as const);
  const webConfig = JSON.stringify({ basic_auth_users: Object.fromEntries(users) });
  await using fleet = await startFleet(streams, { webConfig, login });
  const phase = (options: Pick<Parameters<typeof runPhase>[2], 'name' | 'attacks' | 'meanwhile'>) => {
    onPhase(options.name);
    return runPhase(fleet, settings, { ...options, seconds, login });
  };
  const before = await phase({ name: 'before', attacks: [] });
  const start = await readFigures(fleet.pid);
  const firstUses: FirstUse[] = [];
  const attack = await phase({
    name: `${guessesPerSecond} wrong passwords per second`,
    attacks: [{ name: 'wrongPasswords', size: guessesPerSecond }],
    async meanwhile() {
      for (const [i, name] of newUsers.entries()) {
        const address = i % 2 === 0 ? '127.0.0.1' : '127.0.1.1';
        firstUses.push(await useFirst(fleet, `${name}:${password}`, address, 1_000 * seconds));
        await sleep((500 * seconds) / newUsers.length);
      }
    },
  });
  const after = await phase({ name: 'after', attacks: [] });
  return { before, attack, after, firstUses, start };
}

/** Scrapes with a login until it is accepted, for at most `withinMs`. */
async function useFirst(
  { url }: Fleet,
  login: string,
  localAddress: string,
  withinMs: number,
): Promise<FirstUse> {
  const startedAt = performance.now();
  for (let refusals = 0; ; refusals++) {
    const { failure }: Scrape = await scrapeOnce({ url, login, localAddress });
    const ms = performance.now() - startedAt;
    if (failure === undefined) return { address: localAddress, ms, refusals };
    if (ms > withinMs) return { address: localAddress, ms: undefined, refusals };
    await sleep(retryMs);
  }
}
