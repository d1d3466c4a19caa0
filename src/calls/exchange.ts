import { type Dispatcher, errors } from 'undici';
import { ProviderError } from '../model/answer.ts';
import type { CancelSignal, HttpResponse } from './call.ts';
import type { Connection, Pool } from './connections.ts';
import { codeOf, networkFailure } from './network-errors.ts';
import { type BodyLimits, createResponseBody } from './response-body.ts';

/**
 * Error for a request on a kept-alive connection that the server closed before it sent any byte of the
 * response.
 */
export class StaleConnectionError extends ProviderError {}

/**
 * Sends one request and collects the response. Uses undici's `dispatch`, because undici's `request` adds a
 * stream and reacts to an abort only after the connection is established.
 */
export function exchangeOnce(
  pool: Pool,
  options: Dispatcher.DispatchOptions,
  bodyLimits: BodyLimits,
  signal: CancelSignal,
): Promise<HttpResponse> {
  return new Promise((resolve, reject) => {
    const connection = pool.acquire();
    const { client, filter } = connection;
    const body = createResponseBody(bodyLimits);
    let head: Omit<HttpResponse, 'text'> = { status: 0, headers: {} };
    let hasStarted = false;
    let controller: Dispatcher.DispatchController | undefined;
    const fail = (reason: unknown) => {
      reject(reason);
      controller?.abort(new Error('aborted'));
    };
    const onAbort = () => fail(signal.reason);
    const onEnd = () => {
      signal.removeEventListener('abort', onAbort);
      pool.release(connection);
    };
    signal.addEventListener('abort', onAbort);

    client.dispatch(options, {
      onRequestStart(started) {
        controller = started;
        filter.expectResponse();
        if (signal.aborted) onAbort();
      },
      onResponseStarted() {
        hasStarted = true;
      },
      onResponseStart(_, status, headers) {
        head = { status, headers: firstOfEach(headers) };
      },
      onResponseData(response, chunk) {
        try {
          body.add(chunk, head, response);
        } catch (error) {
          fail(error);
        }
      },
      onResponseEnd() {
        connection.hasServed = true;
        onEnd();
        const encoding = head.headers['content-encoding'] ?? '';
        const text = body.text(encoding, signal);
        if (typeof text === 'string') {
          body.discard();
          resolve({ ...head, text });
        } else resolve(text.finally(body.discard).then((inflated) => ({ ...head, text: inflated })));
      },
      onResponseError(_, error) {
        const isStale = !hasStarted && !filter.hasReceived() && hadServed(connection, error);
        onEnd();
        body.discard();
        reject(toFailure(error, pool, head.status !== 0, isStale));
      },
    });
  });
}

function firstOfEach(
  headers: Readonly<Record<string, string | string[] | undefined>>,
): Record<string, string> {
  const first: Record<string, string> = {};
  for (const name in headers) {
    const value = headers[name];
    if (value !== undefined) first[name] = typeof value === 'string' ? value : (value[0] ?? '');
  }
  return first;
}

/**
 * Reports whether the connection had received data before it failed. An ECONNRESET error has no socket with a
 * byte count, so in that case `hasServed` decides.
 */
function hadServed({ hasServed }: Connection, error: Error): boolean {
  if (error instanceof errors.SocketError) return (error.socket?.bytesRead ?? 0) > 0;
  return hasServed && codeOf(error) === 'ECONNRESET';
}

function toFailure(error: Error, { peer }: Pool, hasHead: boolean, isStale: boolean): ProviderError {
  // The connection could not be opened; the connector has described why.
  if (error instanceof ProviderError) return error;
  const failure = networkFailure(error, peer, hasHead);
  return isStale ? new StaleConnectionError(failure.kind, failure.message) : failure;
}
