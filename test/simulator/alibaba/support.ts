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

/** Creates the API for a domain with this story; `alibaba` is YAML that configures its behavior. */
export function createApi(alibaba = '', events = story) {
  const scenario = scenarioOf(`
name: actions
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

export const bodyOf = (handled: HandledRequest): unknown => JSON.parse(documentOf(handled).text);

export function controlInfoOf(handled: HandledRequest): unknown {
  // A body of the API is an object; the tests check its content.
  return (bodyOf(handled) as { ControlInfo?: unknown }).ControlInfo;
}

/** Returns the times of the rows, in seconds since the start. */
export function secondsOf(handled: HandledRequest): number[] {
  // The callers use only responses in the default shape.
  const { LiveStreamControlInfo: records } = controlInfoOf(handled) as {
    LiveStreamControlInfo: { TimeStamp: string }[];
  };
  return records.map(({ TimeStamp }) => (Date.parse(TimeStamp) - start) / 1_000);
}

/** Returns the status and the code of a failure. */
export function failureOf(handled: HandledRequest): [number, string] {
  const { Code } = bodyOf(handled) as { Code: string };
  expect(Code).toBe(handled.outcome);
  return [documentOf(handled).status, Code];
}
