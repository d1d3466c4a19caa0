import { type ControlAction, controlActions } from '../model/control-action.ts';
import { type PushSample, pushSamples } from '../model/push-sample.ts';
import type { RowKind, TargetLedger } from '../model/target-ledger.ts';

/** JSON form of a target ledger. Its rows are arrays without keys: each save writes about a dozen per target. */
export interface TargetBody<Row> {
  readonly watermark: number;
  readonly floor: number;
  readonly backFrom?: number | undefined;
  readonly seen: readonly Row[];
}

export type SampleBody = readonly [
  measuredAt: number,
  periodMs: number,
  clientIp: string | null,
  serverIp: string | null,
  session: string | null,
  framesPerSecond: number | null,
  bitsPerSecond: number | null,
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
  return toBody(ledger, ({ measuredAt, periodMs, ...sample }) => [
    measuredAt,
    periodMs,
    sample.clientIp ?? null,
    sample.serverIp ?? null,
    sample.session ?? null,
    sample.framesPerSecond ?? null,
    sample.bitsPerSecond ?? null,
  ]);
}

export function samplesFromBody(body: TargetBody<SampleBody>): TargetLedger<PushSample> {
  let previous: PushSample | undefined;
  return fromBody(
    body,
    pushSamples,
    ([measuredAt, periodMs, clientIp, serverIp, session, framesPerSecond, bitsPerSecond]) => {
      previous = {
        measuredAt,
        periodMs,
        clientIp: intern(clientIp, previous?.clientIp),
        serverIp: intern(serverIp, previous?.serverIp),
        session: intern(session, previous?.session),
        framesPerSecond: framesPerSecond ?? undefined,
        bitsPerSecond: bitsPerSecond ?? undefined,
      };
      return previous;
    },
  );
}

/** Returns the string of the previous row if it is equal, so that equal rows share one string in memory. */
function intern(text: string | null, previous: string | undefined): string | undefined {
  return text === previous ? previous : (text ?? undefined);
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

/** Sorts the rows, because an earlier version can have used another order. */
function fromBody<T, Row>(
  { watermark, floor, backFrom, seen }: TargetBody<Row>,
  kind: RowKind<T>,
  fromRow: (row: Row) => T,
): TargetLedger<T> {
  return { watermark, floor, backFrom, seen: seen.map(fromRow).sort(kind.compare) };
}
