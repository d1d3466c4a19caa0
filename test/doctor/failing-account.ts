import type { ServerResponse } from 'node:http';
import { describe, expect, test } from 'vitest';
import {
  causesIn,
  type Intercept,
  type Outcome,
  runOnSimulator,
  type SimulatedAccount,
} from './run-doctor.ts';

export const api3 = (more = '') => `
name: account
streams: [{name: room-1, api: api3}]
${more}`;
export const statcgi = (more = '') => `
name: account
streams: [{name: room-1, api: statcgi}]
${more}`;
export const alibaba = (more = '', stream = '') => `
name: account
streams: [{name: "cam-1", api: alibaba, domain: play.example.com${stream}}]
domains: [{name: play.example.com, push_domains: [push.example.com]}]
${more}`;
export const discovering = 'account: {api: api3, discover: true}';

/** Sends a JSON body. */
export const json =
  (body: unknown, status = 200) =>
  (response: ServerResponse): true => {
    response.statusCode = status;
    response.end(JSON.stringify(body));
    return true;
  };
/** Sends an answer of API 3.0. */
export const api3Answer = (fields: Readonly<Record<string, unknown>>) =>
  json({ Response: { ...fields, RequestId: 'r-1' } });
/** Sends an error of API 3.0. */
export const api3Error = (code: string) => api3Answer({ Error: { Code: code, Message: 'message' } });
/** Sends an answer of Alibaba. */
export const alibabaAnswer = (fields: Readonly<Record<string, unknown>>, status = 200) =>
  json({ RequestId: 'r-1', ...fields }, status);
/** Sends an error of Alibaba. */
export const alibabaError = (code: string, status: number) =>
  alibabaAnswer({ Code: code, Message: 'message', HostId: 'h' }, status);
export const always =
  (send: (response: ServerResponse) => boolean): Intercept =>
  (_, response) =>
    send(response);
export const only =
  (wanted: string, send: (response: ServerResponse) => boolean): Intercept =>
  (operation, response) =>
    operation === wanted && send(response);

/** Replaces the endpoints of the config. */
export const withEndpoint = (url: string) => (yaml: string) =>
  yaml.replaceAll(/endpoint: \S+/g, `endpoint: ${url}`);

/** Removes a setting with one line below it from the config. */
export const withoutSetting = (name: string) => (yaml: string) =>
  yaml.replace(new RegExp(` +${name}:\\n.*\\n`), '');

/** Replaces the start of the domain in the list of domains. */
export const withDomain = (start: string) => (yaml: string) =>
  yaml.replace(/(domains:\n +- account: \S+\n +domain: )play/, `$1${start}`);

/** Removes the streams from the config. */
export const withoutStreams = (yaml: string) => yaml.replace(/\nstreams:\n[\s\S]*?\n(?=domains:)/, '\n');

export interface Case extends SimulatedAccount {
  readonly cause: string;
  /** Parts of the output: the cause in words, and the remedy. */
  readonly says: readonly (string | RegExp)[];
}

/**
 * Checks for each case that the report names its cause and its remedy, and nothing else. `run` runs the command
 * against the account of a case.
 */
export function describeFailures<T extends Case>(
  cases: Readonly<Record<string, T>>,
  run: (account: T) => Promise<Outcome> = runOnSimulator,
): void {
  describe('names the cause and the remedy, and nothing else', () => {
    test.each(Object.entries(cases))('%s', async (_, account) => {
      const { code, out, err, env } = await run(account);

      const text = out.replaceAll(/\n +/g, ' ');
      for (const part of account.says) {
        if (typeof part === 'string') expect(text).toContain(part);
        else expect(text).toMatch(part);
      }
      expect(causesIn(out)).toEqual([account.cause]);
      expect([code, err]).toEqual([1, '']);
      for (const secret of Object.entries(env)) {
        if (/KEY|SECRET|TOKEN/.test(secret[0]) && secret[1] !== '') expect(out).not.toContain(secret[1]);
      }
    });
  });
}
