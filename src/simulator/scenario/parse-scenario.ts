import { LineCounter, parseDocument } from 'yaml';
import { findContradictions } from './contradictions.ts';
import { offsetOf, toLines, toProblems } from './problems.ts';
import { readableParts } from './readable.ts';
import type { AlibabaBehavior, ApiEvent, DomainStory, Scenario, StreamGroup, TimeRange } from './scenario.ts';
import { ScenarioText } from './scenario-schema.ts';

/** Problems are complete lines, `file:line:column: path: what is wrong`, in the order of the file. */
export type ParsedScenario = { readonly scenario: Scenario } | { readonly problems: readonly string[] };

/** Reads a scenario; `file` is only for the problems. */
export function parseScenario(text: string, file: string): ParsedScenario {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const broken = document.errors.map(({ message, pos }) => ({ path: [], text: message, offset: pos[0] }));
  if (broken.length > 0) return { problems: toLines(broken, file, lines) };

  let value: unknown;
  try {
    value = document.toJS();
  } catch (error) {
    // An alias without its anchor, or aliases that grow without end: the parser finds out only here.
    const problem = { path: [], text: error instanceof Error ? error.message : String(error), offset: 0 };
    return { problems: toLines([problem], file, lines) };
  }
  const parsed = ScenarioText.safeParse(value);
  const contradictions = findContradictions(parsed.data ?? readableParts(ScenarioText, value) ?? {});
  const problems = [
    ...(parsed.error?.issues ?? []).flatMap((issue) => toProblems(issue, value, document.contents)),
    ...contradictions.map((issue) => ({ ...issue, offset: offsetOf(document.contents, issue.path) })),
  ];
  if (!parsed.success || problems.length > 0) return { problems: toLines(problems, file, lines) };
  return { scenario: toScenario(parsed.data) };
}

function toScenario({ account, provider, streams, alibaba, domains, loop, ...rest }: ScenarioText): Scenario {
  return {
    ...rest,
    loopMs: loop,
    account: { appId: account.app_id, key: account.key },
    provider: {
      delayMs: provider.delay,
      rateLimit: provider.rate_limit,
      output: provider.output,
      empty: provider.empty,
      failuresIn: provider.failures_in,
      time: provider.time,
      numbers: provider.numbers,
      late: { share: provider.late?.share ?? 0, byMs: provider.late?.by ?? 0 },
      doubledShare: provider.doubled?.share ?? 0,
      story: provider.story.map((event) => toApiEvent(event, event.answer)),
    },
    streams: streams.map(toGroup),
    alibaba: toAlibaba(alibaba),
    domains: domains.map(toDomain),
  };
}

function toAlibaba(text: ScenarioText['alibaba']): AlibabaBehavior {
  return {
    account: {
      accessKeyId: text.access_key_id,
      accessKeySecret: text.access_key_secret,
      securityToken: text.security_token,
    },
    signature: text.signature,
    format: text.format,
    delayMs: text.delay,
    rateLimit: text.rate_limit,
    retryAfter: text.retry_after === 'none' ? undefined : text.retry_after,
    retentionMs: text.retention,
    olderStart: text.older_start,
    futureEnd: text.future_end,
    ends: text.ends,
    order: text.order,
    mostRecords: text.most_records,
    noRecords: text.no_records,
    oneRecord: text.one_record,
    streamName: text.stream_name,
    extraKeys: text.extra_keys,
    defaultFormat: text.default_format,
    story: text.story.map((event) =>
      toApiEvent(event, event.answer && { what: event.answer, status: event.status }),
    ),
  };
}

function toDomain({ name, app_names, story }: ScenarioText['domains'][number]): DomainStory {
  return {
    name,
    appNames: app_names,
    story: story.map((event) => ({
      atMs: event.at,
      everyMs: event.every,
      untilMs: event.until ?? Infinity,
      stream: event.stream,
      count: event.count,
      // The schema wants at least one app name.
      appName: event.app_name ?? app_names[0] ?? '',
      action: event.action,
      clientIp: event.client_ip === 'none' ? undefined : (event.client_ip ?? ordinaryClientIp),
      times: event.times,
      lateMs: event.late ?? 0,
    })),
  };
}

/** Whoever acts, where the story does not say. */
const ordinaryClientIp = '198.51.100.200';

function toGroup(stream: ScenarioText['streams'][number]): StreamGroup {
  return {
    name: stream.name,
    count: stream.count,
    domain: stream.domain,
    appName: stream.app_name,
    framesPerSecond: stream.fps,
    bitsPerSecond: stream.bitrate,
    clientIp: stream.client_ip,
    serverIp: stream.server_ip,
    startMs: stream.start === 'never' ? Infinity : (stream.start ?? -Infinity),
    stopMs: stream.stop ?? Infinity,
    story: stream.story.map((event) => ({
      ...toStretch(event),
      fps: event.fps,
      bitrate: event.bitrate,
      silent: event.silent ?? false,
      flapping: event.flapping && { upMs: event.flapping.up, downMs: event.flapping.down },
      clientIp: event.client_ip,
      serverIp: event.server_ip,
      secondPublisher: event.second_publisher,
    })),
  };
}

function toApiEvent<Answer>(
  event: ScenarioText['provider']['story'][number] | ScenarioText['alibaba']['story'][number],
  answer: Answer | undefined,
): ApiEvent<Answer> {
  return {
    ...toStretch(event),
    answer,
    share: event.share ?? 1,
    rateLimit: event.rate_limit,
    delayMs: event.delay,
  };
}

function toStretch(event: { readonly at: number; readonly for?: number | undefined }): TimeRange {
  return { fromMs: event.at, untilMs: event.at + (event.for ?? Infinity) };
}
