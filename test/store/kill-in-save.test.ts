import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { lockState } from '../../src/store/lock.ts';
import { noon } from '../support/samples.ts';
import { change, openWithDamage, readState } from '../support/state.ts';
import { recordsOf, versionsIn } from './versions.ts';

const saver = join(import.meta.dirname, 'saver.ts');
/** Concurrent sequences of kills, each with its own state. */
const lanes = 4;
const killsEach = 25;
const seed = 20260301;

test('each of 100 kill -9 during saves leaves an intact state that is not older than what was published', {
  timeout: 400_000,
}, async () => {
  const kills = await Promise.all(Array.from({ length: lanes }, (_, lane) => killRepeatedly(seed + lane)));

  // The other kills come between two saves: a few on an idle machine, more on a busy one.
  const inSave = kills.flat().filter(({ progress }) => progress.started > progress.saved);
  expect(kills.flat().length).toBe(100);
  expect(inSave.length).toBeGreaterThanOrEqual(30);
  // Some kills come after a part of the records is saved, some before that.
  expect(inSave.filter(({ share }) => share > 0).length).toBeGreaterThan(0);
  expect(inSave.filter(({ share }) => share === 0).length).toBeGreaterThan(0);
});

async function killRepeatedly(laneSeed: number) {
  const directory = mkdtempSync(join(tmpdir(), 'livestream-saves-'));
  const random = randomFrom(laneSeed);
  const { store } = openWithDamage(directory);
  await store.save(recordsOf(0).map(change), noon);
  store.close();
  const kills = [];
  // Half a save, which takes 20 ms on an idle machine, and several times as long beside other tests.
  const maxMs = 0.5 * (await timeOfSave(directory));
  let before: ReadonlyMap<string, number> = new Map();
  for (let kill = 0; kill < killsEach; kill++) {
    // Every fourth kill comes as soon as a record is published, so that some come after the records are on the disk.
    const isLate = kill % 4 === 0;
    const output = await killed(directory, isLate ? 'published ' : 'started ', isLate ? 0 : random() * maxMs);
    const progress = parse(output);
    const after = versionsAfter(directory, progress, before);
    const newest = [...after.values()].filter((version) => version === progress.started);
    kills.push({ progress, share: newest.length / after.size });
    before = after;
  }
  rmSync(directory, { recursive: true });
  return kills;
}

/** Returns how long a save takes, in ms. */
async function timeOfSave(directory: string): Promise<number> {
  const { child, until } = startSaver(directory);
  await until('started ');
  const startedAt = performance.now();
  await until('saved ');
  const tookMs = performance.now() - startedAt;
  child.kill('SIGKILL');
  await once(child, 'close');
  return tookMs;
}

/** Runs the saver, kills it `ms` after its first report of an event, and returns its output. */
async function killed(directory: string, event: string, ms: number): Promise<string> {
  const { child, until, output } = startSaver(directory);
  await until(event);
  await sleep(ms);
  child.kill('SIGKILL');
  const [, signal] = await once(child, 'close');
  expect(signal).toBe('SIGKILL');
  return output();
}

function startSaver(directory: string) {
  const child = spawn(process.execPath, [saver, directory], { stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  return {
    child,
    output: () => output,
    async until(event: string): Promise<void> {
      while (!output.includes(event)) await once(child.stdout, 'data');
    },
  };
}

interface Progress {
  /** Newest version whose save started. */
  readonly started: number;
  /** Newest version that was saved completely. */
  readonly saved: number;
  /** Newest published version by target key. */
  readonly published: ReadonlyMap<string, number>;
}

function parse(output: string): Progress {
  const numbers = (what: string) =>
    [...output.matchAll(new RegExp(`^${what} (\\d+)$`, 'gm'))].map(([, version]) => Number(version));
  const published = [...output.matchAll(/^published (.+)$/gm)].map(([, json = '']) => JSON.parse(json));
  return {
    started: Math.max(...numbers('started')),
    saved: Math.max(0, ...numbers('saved')),
    published: new Map(published.map(([version, key]) => [key, version])),
  };
}

/** Returns the version of each record in the state. Fails if a record mixes versions or is older than promised. */
function versionsAfter(
  directory: string,
  { started, saved, published }: Progress,
  before: ReadonlyMap<string, number>,
): ReadonlyMap<string, number> {
  lockState(directory, { pid: process.pid, startedAt: 'now' }).release();
  const { records, damage } = readState(directory);
  expect([damage, records.length]).toEqual([undefined, recordsOf(0).length]);
  return new Map(
    records.map((record) => {
      const { targetKey } = record;
      const versions = versionsIn(record);
      const [version = -1] = versions;
      expect(versions).toEqual([version]);
      const promised = Math.max(saved, published.get(targetKey) ?? 0, before.get(targetKey) ?? 0);
      expect(version).toBeGreaterThanOrEqual(promised);
      expect(version).toBeLessThanOrEqual(started);
      return [targetKey, version];
    }),
  );
}

/** Returns a generator of pseudo-random numbers from 0 to 1 (mulberry32). */
function randomFrom(start: number): () => number {
  let state = start;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
