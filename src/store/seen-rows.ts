import { type ControlAction, controlActions } from '../model/control-action.ts';
import { type PushSample, pushSamples } from '../model/push-sample.ts';
import type { RowKind, TargetLedger } from '../model/target-ledger.ts';

/** A target ledger as JSON. Its rows are lists without keys: there are a dozen in each, written at each save. */
export interface TargetBody<Row> {
  readonly watermark: number;
  readonly floor: number;
  readonly backFrom?: number | undefined;
  readonly seen: readonly Row[];
}

/** As rows of version 1 had them: each with how often it was counted, and what the provider said of it since. */
export interface SeenOfVersion1 {
  readonly seen: readonly (readonly [row: unknown, count: number, changedTo: string | null])[];
}

/** Those of version 1 begin with a list, and later ones with a time. */
export function isSeenOfVersion(version: number, seen: readonly (readonly unknown[])[]): boolean {
  return seen.every(([first]) => Array.isArray(first) === (version === 1));
}

export function seenOfVersion1(seen: SeenOfVersion1['seen']): readonly unknown[] {
  return seen.flatMap(([row, count]) => Array<unknown>(count).fill(row));
}

export type SampleBody = readonly [
  measuredAt: number,
  periodMs: number,
  clientIp: string | null,
  serverIp: string | null,
  session: string | null,
  framesPerSecond: number | null,
  bitsPerSecond: number | null,
  /** Stream key; only of a sample of another stream than the target's own. */
  stream?: string,
];

export type ActionBody = readonly [
  actedAt: number,
  domain: string,
  appName: string,
  stream: string,
  action: string,
  clientIp: string | null,
];

export function samplesToBody(ledger: TargetLedger<PushSample>): TargetBody<SampleBody> {
  return toBody(ledger, ({ measuredAt, periodMs, stream, ...sample }) => {
    const row = [
      measuredAt,
      periodMs,
      sample.clientIp ?? null,
      sample.serverIp ?? null,
      sample.session ?? null,
      sample.framesPerSecond ?? null,
      sample.bitsPerSecond ?? null,
    ] as const;
    return stream === undefined ? row : [...row, stream];
  });
}

export function samplesFromBody(body: TargetBody<SampleBody>): TargetLedger<PushSample> {
  let before: PushSample | undefined;
  return fromBody(
    body,
    pushSamples,
    ([measuredAt, periodMs, clientIp, serverIp, session, framesPerSecond, bitsPerSecond, stream]) => {
      before = {
        measuredAt,
        periodMs,
        clientIp: shared(clientIp, before?.clientIp),
        serverIp: shared(serverIp, before?.serverIp),
        session: shared(session, before?.session),
        framesPerSecond: framesPerSecond ?? undefined,
        bitsPerSecond: bitsPerSecond ?? undefined,
        ...(stream !== undefined && { stream }),
      };
      return before;
    },
  );
}

/** The same text as in the row before, where it is equal: parsed, each row has one of its own. */
function shared(text: string | null, before: string | undefined): string | undefined {
  return text === before ? before : (text ?? undefined);
}

export function actionsToBody(ledger: TargetLedger<ControlAction>): TargetBody<ActionBody> {
  return toBody(ledger, ({ actedAt, domain, appName, stream, action, clientIp }) => [
    actedAt,
    domain,
    appName,
    stream,
    action,
    clientIp ?? null,
  ]);
}

export function actionsFromBody(body: TargetBody<ActionBody>): TargetLedger<ControlAction> {
  return fromBody(body, controlActions, ([actedAt, domain, appName, stream, action, clientIp]) => ({
    actedAt,
    domain,
    appName,
    stream,
    action,
    clientIp: clientIp ?? undefined,
  }));
}

function toBody<T, Row>(
  { watermark, floor, backFrom, seen }: TargetLedger<T>,
  toRow: (row: T) => Row,
): TargetBody<Row> {
  return { watermark, floor, backFrom, seen: seen.map(toRow) };
}

/** In their order again, which another version may have seen otherwise. */
function fromBody<T, Row>(
  { watermark, floor, backFrom, seen }: TargetBody<Row>,
  kind: RowKind<T>,
  fromRow: (row: Row) => T,
): TargetLedger<T> {
  return { watermark, floor, backFrom, seen: seen.map(fromRow).sort(kind.compare) };
}
