import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { lockState } from '../../src/store/lock.ts';
import { openStateStore } from '../../src/store/state-store.ts';
import { settle } from '../support/manual-clock.ts';
import { noon } from '../support/samples.ts';
import { recordsOf, versionsIn } from './versions.ts';

const saver = join(import.meta.dirname, 'saver.ts');
/** Each with a state of its own, killed one time after the other. */
const lanes = 4;
const killsEach = 25;
const seed = 20260301;

test('of 100 kill -9 during saves, each leaves a state that opens, with every record whole and no older than was said', {
  timeout: 400_000,
}, async () => {
  const killed = await Promise.all(
    Array.from({ length: lanes }, (_, lane) => killAgainAndAgain(seed + lane)),
  );

  // The others came between two saves.
  const inSave = killed.flat().filter(({ said }) => said.begun > said.saved);
  expect(killed.flat().length).toBe(100);
  expect(inSave.length).toBeGreaterThanOrEqual(70);
  // Some came when a part of the records was saved already, and some before any was.
  expect(inSave.filter(({ share }) => share > 0).length).toBeGreaterThan(0);
  expect(inSave.filter(({ share }) => share === 0).length).toBeGreaterThan(0);
});

async function killAgainAndAgain(laneSeed: number) {
  const folder = mkdtempSync(join(tmpdir(), 'livestream-saves-'));
  const random = randomFrom(laneSeed);
  const { store } = openStateStore(folder, noon);
  await store.save(
    recordsOf(0).map((record) => ({ record, saved: undefined })),
    noon,
    settle,
  );
  store.close();
  const kills = [];
  let before: ReadonlyMap<string, number> = new Map();
  for (let kill = 0; kill < killsEach; kill++) {
    const said = parse(await killedAfter(folder, random() * 60));
    const after = versionsAfter(folder, said, before);
    const newest = [...after.values()].filter((version) => version === said.begun);
    kills.push({ said, share: newest.length / after.size });
    before = after;
  }
  rmSync(folder, { recursive: true });
  return kills;
}

/** What a saver said until it was killed, so long after its first save began. */
async function killedAfter(folder: string, ms: number): Promise<string> {
  const child = spawn(process.execPath, [saver, folder], { stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  await once(child.stdout, 'data');
  await sleep(ms);
  child.kill('SIGKILL');
  const [, signal] = await once(child, 'close');
  expect(signal).toBe('SIGKILL');
  return output;
}

interface Said {
  /** The newest version whose save began, and the newest of which all was saved. */
  readonly begun: number;
  readonly saved: number;
  /** By target key, the newest version that was shown. */
  readonly shown: ReadonlyMap<string, number>;
}

function parse(output: string): Said {
  const numbers = (what: string) =>
    [...output.matchAll(new RegExp(`^${what} (\\d+)$`, 'gm'))].map(([, version]) => Number(version));
  const shown = [...output.matchAll(/^shown (.+)$/gm)].map(([, json = '']) => JSON.parse(json));
  return {
    begun: Math.max(...numbers('begun')),
    saved: Math.max(0, ...numbers('saved')),
    shown: new Map(shown.map(([version, key]) => [key, version])),
  };
}

/** The version of each record that is in the state; fails where that is not whole, or not as it was said. */
function versionsAfter(
  folder: string,
  { begun, saved, shown }: Said,
  before: ReadonlyMap<string, number>,
): ReadonlyMap<string, number> {
  lockState(folder, { pid: process.pid, startedAt: 'now' })();
  const opened = openStateStore(folder, noon);
  opened.store.close();
  const { records, problems } = opened.saved;
  expect([opened.problem, problems, records.length]).toEqual([undefined, [], recordsOf(0).length]);
  return new Map(
    records.map((record) => {
      const { targetKey } = record;
      const versions = versionsIn(record);
      const [version = -1] = versions;
      expect(versions).toEqual([version]);
      const promised = Math.max(saved, shown.get(targetKey) ?? 0, before.get(targetKey) ?? 0);
      expect(version).toBeGreaterThanOrEqual(promised);
      expect(version).toBeLessThanOrEqual(begun);
      return [targetKey, version];
    }),
  );
}

/** Numbers from 0 to 1, the same for the same seed (mulberry32). */
function randomFrom(start: number): () => number {
  let state = start;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
