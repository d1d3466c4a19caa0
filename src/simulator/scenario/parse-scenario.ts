import * as z from 'zod';
import { toDiagnosticLines } from '../../text/diagnostics.ts';
import { parsePartially } from '../../text/partial-parse.ts';
import { parseYaml } from '../../text/yaml.ts';
import { messageOf, toDiagnostics } from '../../text/zod-issues.ts';
import { findContradictions } from './contradictions.ts';
import type { AlibabaBehavior, ApiEvent, DomainStory, Scenario, StreamGroup, TimeRange } from './scenario.ts';
import { ScenarioText } from './scenario-schema.ts';

/** A valid scenario or all its problems as lines, `file:line:column: path: text`, in the order of the file. */
export type ParsedScenario = { readonly scenario: Scenario } | { readonly problems: readonly string[] };

/** Parses a scenario; `file` is the name in the problems. */
export function parseScenario(text: string, file: string): ParsedScenario {
  const yaml = parseYaml(text);
  if ('problems' in yaml) return { problems: toDiagnosticLines(file, yaml.problems) };
  const { data, error } = ScenarioText.safeParse(yaml.value, { error: messageOf });
  const issues = toDiagnostics(error?.issues ?? [], yaml.value, { jsonSchema });
  const readable = data ?? parsePartially(ScenarioText, yaml.value);
  const contradictions = readable === undefined ? [] : findContradictions(readable);
  const problems = yaml.locate([...issues, ...contradictions]);
  if (data === undefined || problems.length > 0) return { problems: toDiagnosticLines(file, problems) };
  return { scenario: toScenario(data) };
}

function jsonSchema() {
  return z.toJSONSchema(ScenarioText, { io: 'input', unrepresentable: 'any' });
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
      // The schema requires at least one app name.
      appName: event.app_name ?? app_names[0] ?? '',
      action: event.action,
      clientIp: event.client_ip === 'none' ? undefined : (event.client_ip ?? defaultClientIp),
      times: event.times,
      lateMs: event.late ?? 0,
    })),
  };
}

/** Client of an action without a client_ip. */
const defaultClientIp = '198.51.100.200';

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
      ...toTimeRange(event),
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
    ...toTimeRange(event),
    answer,
    share: event.share ?? 1,
    rateLimit: event.rate_limit,
    delayMs: event.delay,
  };
}

function toTimeRange(event: { readonly at: number; readonly for?: number | undefined }): TimeRange {
  return { fromMs: event.at, untilMs: event.at + (event.for ?? Infinity) };
}
