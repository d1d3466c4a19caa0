import { toTable } from '../chaos/table.ts';
import type { Outcome } from './run.ts';
import { listDelayMs } from './story.ts';

/** Interval of the list of live streams in ms. */
const intervalMs = 15_000;
/**
 * Longest allowed time in ms from the begin of a push until its stream has series: two intervals and the
 * list's delay.
 */
const maxUnseenMs = 2 * intervalMs + listDelayMs;
/** Largest allowed difference between the sizes of the heap. */
const maxHeapGrowth = 0.05;

/** Returns all failed checks of a run, one short sentence each. */
export function problemsOf(outcome: Outcome): string[] {
  const { longestUnseenMs, unseen, missing, doubled, gaps, refused, heapMegabytes, counted, truth } = outcome;
  const problems: string[] = [];
  const example = (what: string, names: readonly string[]) => {
    if (names.length > 0) problems.push(`${names.length} streams have ${what}, such as ${names[0]}`);
  };
  if (truth === 0) problems.push('the provider has no samples');
  if (counted !== truth) problems.push(`${counted} samples instead of ${truth}`);
  example('too few samples', missing);
  example('too many samples', doubled);
  example('gaps', gaps);
  if (longestUnseenMs > maxUnseenMs)
    problems.push(`a stream had no series for ${longestUnseenMs / 1000} s after its begin`);
  const neverSeenMs = longestOf(unseen);
  if (neverSeenMs > maxUnseenMs) problems.push(`a push of ${neverSeenMs / 1000} s was never seen`);
  if (refused > 0) problems.push(`the provider refused ${refused} requests`);
  const growth = growthOf(heapMegabytes);
  if (growth > maxHeapGrowth) problems.push(`the heap grew by ${(100 * growth).toFixed(1)} %`);
  return problems;
}

/** Returns the report; its last line is the verdict. */
export function toReport(outcome: Outcome): string {
  const { settings, unseen, heapMegabytes, ...rest } = outcome;
  const count = (value: number) => value.toLocaleString('en', { maximumFractionDigits: 1 });
  const problems = problemsOf(outcome);
  const growth = growthOf(heapMegabytes);
  return [
    toTable([
      ['streams live at any time', count(settings.streams)],
      ['minutes', count(settings.minutes)],
      ['pushes begun', count(rest.begun)],
      ['different streams', count(rest.names)],
      ['most streams with series', count(rest.mostSeries)],
      ['begin to series, median s', count(rest.medianUnseenMs / 1000)],
      ['begin to series, longest s', count(rest.longestUnseenMs / 1000)],
      ['pushes too short for the list', count(unseen.length)],
      ['longest of them, s', count(longestOf(unseen) / 1000)],
      ['end to no series, longest s', count(rest.longestAfterEndMs / 1000)],
      ['samples counted', count(rest.counted)],
      ['samples of the truth', count(rest.truth)],
      ['streams with too few samples', count(rest.missing.length)],
      ['streams with too many samples', count(rest.doubled.length)],
      ['list requests', count(rest.listRequests)],
      ['history requests', count(rest.historyRequests)],
      ['heap MB', heapMegabytes.length === 0 ? 'not measured' : heapMegabytes.map(count).join(' ')],
      ['heap growth %', heapMegabytes.length === 0 ? 'not measured' : count(100 * growth)],
      ['run time s', count(rest.seconds)],
    ]),
    ...problems.map((problem) => `${problem}\n`),
    problems.length === 0 ? 'churn: PASS\n' : 'churn: FAIL\n',
  ].join('');
}

/** Returns the growth from the first size to the last one, as a fraction of the first; 0 if there is none. */
function growthOf(megabytes: readonly number[]): number {
  const [first = 1] = megabytes;
  return Math.max(0, (megabytes.at(-1) ?? first) / first - 1);
}

function longestOf(pushes: Outcome['unseen']): number {
  return pushes.reduce((longest, { fromMs, toMs }) => Math.max(longest, toMs - fromMs), 0);
}
