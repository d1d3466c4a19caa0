import { controlNodeHeap } from '../../src/commands/node-heap.ts';
import type { Figure } from './figures.ts';
import { createSaving, type Saving } from './saving.ts';

interface StateOptions {
  readonly isShort: boolean;
}

/**
 * Measures the bytes that saving writes, and the time for which saving and loading block the event loop. Time is
 * simulated, the disk is real. The numbers of streams and actions are those of the bars.
 */
export async function runState({ isShort }: StateOptions): Promise<readonly Figure[]> {
  const [few, many] = isShort ? [10, 20] : [300, 50_000];
  // As the program does for its number of streams and domains.
  const sizeHeap = controlNodeHeap();
  sizeHeap(few);
  // Long enough that the journal is folded into the state file at least once.
  const ofFew = await measurePushes('300 streams every 5 s', few, 5, isShort ? 10 : 900);
  sizeHeap(many);
  const ofMany = await measurePushes('50,000 streams every 60 s', many, 60, isShort ? 120 : 600);
  sizeHeap(1);
  const ofDomain = await measureDomains(isShort ? 100 : 50_000, isShort ? 4 : 240, isShort ? 1 : 9);
  return [...ofFew, ...ofMany, ...ofDomain];
}

async function measurePushes(
  name: string,
  streams: number,
  everySeconds: number,
  seconds: number,
): Promise<readonly Figure[]> {
  await using saving = await createSaving();
  saving.addStreams(streams);
  // The first answer to each stream saves a whole record.
  for (let second = 0; second < everySeconds; second++) await answerSome(saving, second, everySeconds);
  const start = saving.writtenBytes();
  saving.resetBusy();
  let answers = 0;
  for (let second = everySeconds; second < everySeconds + seconds; second++) {
    answers += await answerSome(saving, second, everySeconds);
  }
  const bytes = saving.writtenBytes() - start;
  return [
    { name: `${name}: written per answer`, unit: 'bytes', rounds: [bytes / answers] },
    ...(await measureBusy(name, saving)),
  ];
}

/**
 * Number of times that all records are loaded, because V8's collections fall into some loads and not into
 * others.
 */
const loads = 3;

/**
 * Counts the answers of one second, then saves without the garbage of before. Returns the number of answers.
 * In life, saves take 2 % of the time, so V8 nearly always collects the old generation outside of them. In
 * simulated time, they take half of it, and counting 833 answers a second leaves 1 MB of old records.
 */
async function answerSome(saving: Saving, second: number, everySeconds: number): Promise<number> {
  const answers = saving.answer(second, everySeconds);
  saving.collectGarbage();
  await saving.save(second);
  return answers;
}

/**
 * Measures a domain several times, because one collection of V8's old generation determines the longest of its short
 * saves.
 */
async function measureDomains(perDay: number, polls: number, rounds: number): Promise<readonly Figure[]> {
  const measured: (readonly Figure[])[] = [];
  for (let round = 0; round < rounds; round++) measured.push(await measureDomain(perDay, polls));
  return (measured[0] ?? []).map((figure, i) => ({
    ...figure,
    rounds: measured.flatMap((figures) => figures[i]?.rounds ?? []),
  }));
}

/** Measures a domain with `perDay` actions a day, polled every 30 s. */
async function measureDomain(perDay: number, polls: number): Promise<readonly Figure[]> {
  const name = '50,000 actions a day';
  await using saving = await createSaving();
  saving.addDomain(perDay);
  await saving.save(0);
  // The whole domain is folded once: after this, only new actions are written.
  await saving.fold();
  const start = saving.writtenBytes();
  saving.resetBusy();
  let actions = 0;
  for (let poll = 1; poll <= polls; poll++) {
    actions += saving.act(poll * 30);
    await saving.save(poll * 30);
  }
  const bytes = saving.writtenBytes() - start;
  return [
    { name: `${name}: written per action`, unit: 'bytes', rounds: [bytes / actions] },
    ...(await measureBusy(name, saving)),
  ];
}

/** Returns how long the saves, and loading all records after a restart, blocked the event loop. */
async function measureBusy(name: string, saving: Saving): Promise<readonly Figure[]> {
  const busyMs = saving.longestBusyMs();
  const loadMs: number[] = [];
  for (let i = 0; i < loads; i++) {
    await saving.restart();
    loadMs.push(await saving.load());
  }
  return [
    { name: `${name}: longest busy of a save`, unit: 'ms', rounds: [busyMs] },
    { name: `${name}: longest busy of a load`, unit: 'ms', rounds: loadMs },
  ];
}
