import { createHash } from 'node:crypto';
import { parseScenario } from '../../src/simulator/scenario/parse-scenario.ts';
import type { Scenario } from '../../src/simulator/scenario/scenario.ts';

/** 2023-11-14T22:13:20Z, in Beijing 2023-11-15 06:13:20. */
export const start = 1_700_000_000_000;

export function scenarioOf(yaml: string): Scenario {
  const parsed = parseScenario(yaml, 'scenario.yaml');
  if ('problems' in parsed) throw new Error(parsed.problems.join('\n'));
  return parsed.scenario;
}

/** Returns a scenario with one healthy stream without noise; `more` is additional top-level YAML. */
export function quietScenario(more = ''): Scenario {
  return scenarioOf(`
name: quiet
noise: 0%
account: {app_id: 1234, key: secret-of-the-test}
streams:
  - {name: news, fps: 25, bitrate: 2Mbit, client_ip: 192.0.2.1, server_ip: 198.51.100.1}
${more}`);
}

interface HistoryRequest {
  readonly stream?: string;
  readonly from: number;
  readonly to: number;
  readonly now: number;
  /** Replaces parameters; undefined omits them. */
  readonly but?: Readonly<Record<string, string | undefined>>;
}

/** Returns a signed query of Get_LivePushStatHistory that is valid for five minutes. */
export function signedQuery({ stream = 'news', from, to, now, but = {} }: HistoryRequest): URLSearchParams {
  const t = String(Math.floor(now / 1_000) + 300);
  const parameters = {
    cmd: '1234',
    interface: 'Get_LivePushStatHistory',
    t,
    sign: md5(`secret-of-the-test${but.t ?? t}`),
    'Param.n.start_time': String(Math.floor(from / 1_000)),
    'Param.n.end_time': String(Math.floor(to / 1_000)),
    'Param.s.stream_id': stream,
    ...but,
  };
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) if (value !== undefined) query.set(name, value);
  return query;
}

export function md5(text: string): string {
  return createHash('md5').update(text).digest('hex');
}
