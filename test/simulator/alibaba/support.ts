import { expect } from 'vitest';
import { createAlibaba } from '../../../src/simulator/alibaba/api.ts';
import type { Document, HandledRequest } from '../../../src/simulator/reply.ts';
import { createWorld } from '../../../src/simulator/world/world.ts';
import { scenarioOf, start } from '../support.ts';

export const minute = 60_000;
export const day = 1_440 * minute;
export const now = start + 10 * minute;

const story = `
      - {at: 1m, stream: cam1, action: forbid, client_ip: 192.0.2.5}
      - {at: 5m, stream: cam2, app_name: tv, action: resume, client_ip: none}`;

/** The API of a domain with this story; `alibaba` is YAML of how it behaves. */
export function createApi(alibaba = '', events = story) {
  const scenario = scenarioOf(`
name: told
alibaba: {${alibaba}}
domains:
  - name: play.example.com
    app_names: [live, tv]
    story: ${events}
`);
  return createAlibaba(createWorld(scenario, start));
}

export function documentOf({ reply }: HandledRequest): Document {
  if (reply.kind !== 'document') throw new Error(`expected a document, not ${reply.kind}`);
  return reply;
}

export const bodyOf = (answered: HandledRequest): unknown => JSON.parse(documentOf(answered).text);

export function controlInfoOf(answered: HandledRequest): unknown {
  // A body of the API is an object; what stands in it is for the test to say.
  return (bodyOf(answered) as { ControlInfo?: unknown }).ControlInfo;
}

/** The times of the records, in seconds since the start. */
export function secondsOf(answered: HandledRequest): number[] {
  // Only of answers in the ordinary shape.
  const { LiveStreamControlInfo: records } = controlInfoOf(answered) as {
    LiveStreamControlInfo: { TimeStamp: string }[];
  };
  return records.map(({ TimeStamp }) => (Date.parse(TimeStamp) - start) / 1_000);
}

/** The status and the code of a failure. */
export function failureOf(answered: HandledRequest): [number, string] {
  const { Code } = bodyOf(answered) as { Code: string };
  expect(Code).toBe(answered.outcome);
  return [documentOf(answered).status, Code];
}
