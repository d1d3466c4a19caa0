import { createHash, createHmac } from 'node:crypto';
import type { AlibabaCall } from '../../../src/simulator/alibaba/call.ts';

interface HistoryRequest {
  readonly now: number;
  readonly method?: string;
  readonly nonce?: string;
  readonly secret?: string;
  /** Replaces parameters (V1) or headers (V3) before signing; undefined omits them. */
  readonly but?: Readonly<Record<string, string | undefined>>;
  /** Replaces operation parameters in the same way. */
  readonly history?: Readonly<Record<string, string | undefined>>;
}

const minute = 60_000;

export function utc(at: number): string {
  return `${new Date(at).toISOString().slice(0, 19)}Z`;
}

function encode(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

function sorted(parameters: Readonly<Record<string, string | undefined>>): string {
  return Object.entries(parameters)
    .filter((entry): entry is [string, string] => entry[1] !== undefined)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => `${encode(name)}=${encode(value)}`)
    .join('&');
}

/** Returns the operation parameters for the last ten minutes of play.example.com. */
function historyAt(now: number) {
  return { DomainName: 'play.example.com', StartTime: utc(now - 10 * minute), EndTime: utc(now) };
}

let calls = 0;

/** Creates a V1 request (HMAC-SHA1) with its parameters in the query. `but.Signature` replaces the signature. */
export function v1Call({
  now,
  method = 'GET',
  nonce,
  secret,
  but = {},
  history = {},
}: HistoryRequest): AlibabaCall {
  calls += 1;
  const parameters = {
    Action: 'DescribeLiveStreamsControlHistory',
    Version: '2016-11-01',
    Format: 'JSON',
    AccessKeyId: 'simulator-demo-id',
    SignatureMethod: 'HMAC-SHA1',
    SignatureVersion: '1.0',
    SignatureNonce: nonce ?? `nonce ${calls}`,
    Timestamp: utc(now),
    ...historyAt(now),
    ...history,
    ...but,
  };
  const { Signature: own, ...signed } = { Signature: undefined, ...parameters };
  const text = `${method}&%2F&${encode(sorted(signed))}`;
  const made = createHmac('sha1', `${secret ?? 'simulator-demo-secret'}&`)
    .update(text)
    .digest('base64');
  const signature = 'Signature' in but ? own : made;
  return {
    method,
    query: new URLSearchParams(sorted({ ...signed, Signature: signature })),
    headers: new Map([['host', 'simulator']]),
    body: new Uint8Array(),
  };
}

/** Moves the parameters of a request to a form. */
export function asForm(call: AlibabaCall): AlibabaCall {
  return {
    ...call,
    query: new URLSearchParams(),
    headers: new Map([...call.headers, ['content-type', 'application/x-www-form-urlencoded']]),
    body: Buffer.from(call.query.toString()),
  };
}

/** Creates a V3 request (ACS3-HMAC-SHA256). `but.authorization` replaces the header with the signature. */
export function v3Call({
  now,
  method = 'POST',
  nonce,
  secret,
  but = {},
  history = {},
}: HistoryRequest): AlibabaCall {
  calls += 1;
  const query = sorted({ ...historyAt(now), ...history });
  const { authorization, ...headers }: Record<string, string | undefined> = {
    host: 'simulator',
    'x-acs-action': 'DescribeLiveStreamsControlHistory',
    'x-acs-version': '2016-11-01',
    'x-acs-date': utc(now),
    'x-acs-signature-nonce': nonce ?? `nonce ${calls}`,
    'x-acs-content-sha256': sha256(''),
    ...but,
  };
  const sent = Object.entries(headers).filter((entry): entry is [string, string] => entry[1] !== undefined);
  const signed = sent.filter(([name]) => name !== 'accept').toSorted(([a], [b]) => (a < b ? -1 : 1));
  const names = signed.map(([name]) => name).join(';');
  const lines = signed.map(([name, value]) => `${name}:${value}\n`).join('');
  const canonical = `${method}\n/\n${query}\n${lines}\n${names}\n${sha256('')}`;
  const signature = createHmac('sha256', secret ?? 'simulator-demo-secret')
    .update(`ACS3-HMAC-SHA256\n${sha256(canonical)}`)
    .digest('hex');
  const made = `ACS3-HMAC-SHA256 Credential=simulator-demo-id,SignedHeaders=${names},Signature=${signature}`;
  return {
    method,
    query: new URLSearchParams(query),
    headers: new Map([['accept', 'application/json'], ...sent, ['authorization', authorization ?? made]]),
    body: new Uint8Array(),
  };
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
