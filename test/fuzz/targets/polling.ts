import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import type { Http, HttpRequest, HttpResponse } from '../../../src/calls/call.ts';
import { providerOf } from '../../../src/providers/registry.ts';
import type { Draws } from '../../chaos/draws.ts';
import { startTestApp, type TestApp } from '../../support/app.ts';
import type { JsonSchema } from '../../support/json-schema.ts';
import { createManualClock, type ManualClock } from '../../support/manual-clock.ts';
import { noon } from '../../support/samples.ts';
import { worstText } from '../odd-values.ts';
import { parseStrictly } from '../strict-exposition.ts';
import { lawOfTexts, targetOf } from '../target.ts';
import { credentials, operationOf, secretTexts } from './accounts.ts';
import { bodiesOf, mutatedResponse } from './answer-bodies.ts';
import { configs, pass, withHttp } from './exporter.ts';
import {
  lawOfCounters,
  lawOfFailedPoll,
  lawOfFormats,
  lawOfLabels,
  lawOfLog,
  lawOfPages,
} from './polling-laws.ts';
import { lawOfRecovery } from './recovery.ts';
import { root } from './yaml-seeds.ts';

interface Step {
  readonly stepMs: number;
  /** Mutated responses by operation. The other operations have recorded ones. */
  readonly responses: Readonly<Record<string, HttpResponse>>;
  /** Whether no request succeeds. */
  readonly fails: boolean;
}

interface Input {
  readonly account: string;
  readonly steps: readonly Step[];
  /** Number of the step after which the exporter is started again; -1: never. */
  readonly restartAfter: number;
  /** Whether Prometheus scrapes the exporter, so that new counters stay at 0 until it has received them. */
  readonly isPrometheus: boolean;
}

/**
 * Maximum number of requests in one step. A wrong total makes the exporter request thousands of pages, up to the limit of
 * each operation, for each poll.
 */
const maxRequests = 2_000;

/** The whole exporter, whose providers answer with mutated responses for some polls. */
export const pollingTarget = targetOf<Input>('polling', () => {
  // The shape of the document, of which only the schemas are used.
  const document = parse(readFileSync(join(root, 'docs/openapi.yaml'), 'utf8')) as {
    components: { schemas: Readonly<Record<string, JsonSchema>> };
  };
  return { generate, check: (input) => check(input, document.components.schemas) };
});

function generate(draws: Draws): Input {
  const account = draws.pick(Object.keys(configs));
  const { provider, operations } = configs[account] ?? { provider: 'tencent', operations: [] };
  let now = noon;
  const rename = renaming(draws);
  const steps = Array.from({ length: draws.pick([3, 5, 8]) }, (): Step => {
    const stepMs = draws.pick([5_000, 5_000, 30_000, 60_000, 240_000]);
    now += stepMs;
    const responses: Record<string, HttpResponse> = {};
    for (const operation of operations) {
      const response =
        draws.below(3) === 0
          ? { status: 200, headers: {}, text: draws.pick(bodiesOf(provider, operation).texts) }
          : mutatedResponse(bodiesOf(provider, operation), draws, undefined);
      responses[operation] = { ...response, text: rename(movedTimes(response.text, now, draws)) };
    }
    return { stepMs, responses, fails: draws.below(5) === 0 };
  });
  const restartAfter = draws.below(3) === 0 ? draws.below(steps.length) : -1;
  return { account, steps, restartAfter, isPrometheus: draws.below(2) === 0 };
}

/** Returns a function that gives a recorded stream, address or action an odd name in all responses of a case. */
function renaming(draws: Draws): (text: string) => string {
  if (draws.below(3) === 0) return (text) => text;
  const name = draws.pick(['room-2', 'room-2', 'room-3', 'forbid', '203.0.113.7']);
  const odd = draws.below(3) === 0 ? '<script>alert(1)</script>' : worstText(draws);
  const replacement = JSON.stringify(odd).slice(1, -1);
  return (text) => text.replaceAll(name, () => replacement);
}

/** Moves most recorded times to a time shortly before `now`, so that rows are in the requested windows. */
function movedTimes(text: string, now: number, draws: Draws): string {
  const moved = () => now - draws.below(90) * 1_000;
  const isKept = () => draws.below(8) === 0;
  return text
    .replaceAll(/20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ/g, (time) =>
      isKept() ? time : new Date(moved()).toISOString().replace('.000Z', 'Z'),
    )
    .replaceAll(/20\d\d-\d\d-\d\d \d\d:\d\d:\d\d/g, (time) =>
      isKept() ? time : new Date(moved() + 8 * 3_600_000).toISOString().slice(0, 19).replace('T', ' '),
    );
}

async function check(
  { account, steps, restartAfter, isPrometheus }: Input,
  schemas: Readonly<Record<string, JsonSchema>>,
): Promise<void> {
  const config = configs[account];
  if (config === undefined) throw new Error('invalid input');
  const manual = createManualClock(noon);
  // Sleeps with jitter end between two milliseconds. The wall clock of a system has whole ones.
  const clock: ManualClock = { ...manual, now: () => Math.floor(manual.now()) };
  const folder = mkdtempSync(join(tmpdir(), 'livestream-fuzz-'));
  let step: Step | undefined;
  let answer: ((request: HttpRequest) => HttpResponse | undefined) | undefined;
  let requests = 0;
  const http: Http = async (request) => {
    const operation = operationOf(request);
    const answered = answer?.(request);
    if (answered !== undefined) return answered;
    requests++;
    if (step?.fails === true || requests > maxRequests) return { status: 503, headers: {}, text: '' };
    return (
      step?.responses[operation] ?? {
        status: 200,
        headers: {},
        text: bodiesOf(config.provider, operation).texts[0] ?? '',
      }
    );
  };
  // `startApp` passes its options on to the collectors.
  const options = { folder, providerOf: (name: string) => withHttp(providerOf(name), http) };
  const scrape = async () =>
    parseStrictly(await daemon.scrape(isPrometheus ? { 'X-Prometheus-Scrape-Timeout-Seconds': '10' } : {}));
  let daemon = await startTestApp(config.yaml, credentials, clock, options);
  try {
    let before = await scrape();
    for (const [number, current] of steps.entries()) {
      step = current;
      requests = 0;
      await pass(daemon, clock, current.stepMs);
      const after = await scrape();
      if (current.fails && !isPrometheus) lawOfFailedPoll(before, after);
      lawOfLabels(after);
      before = lawOfCounters(before, after, false);
      if (number === restartAfter) {
        lawOfTexts(daemon.log, secretTexts);
        await stop(daemon, clock);
        daemon = await startTestApp(config.yaml, credentials, clock, options);
        const restarted = await scrape();
        before = lawOfCounters(before, restarted, true);
      }
    }
    await lawOfFormats(daemon);
    await lawOfPages(daemon, schemas);
    step = undefined;
    await lawOfRecovery({
      account,
      now: clock.now,
      scrape,
      poll(ms, given) {
        answer = given;
        return pass(daemon, clock, ms);
      },
    });
    lawOfLog(daemon.log);
  } finally {
    await stop(daemon, clock);
    rmSync(folder, { recursive: true, force: true });
  }
}

async function stop({ app }: TestApp, clock: ManualClock): Promise<void> {
  let isDone = false;
  const stopped = app.stop().finally(() => {
    isDone = true;
  });
  for (let i = 0; i < 500 && !isDone; i++) await clock.advance(500);
  await stopped;
}
