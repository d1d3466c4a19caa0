import type { Http, HttpResponse } from '../../../../src/calls/call.ts';
import { createApi3Call } from '../../../../src/providers/tencent/api3/call.ts';
import { noon } from '../../../support/samples.ts';
import { httpResponse } from '../../recorded.ts';

/** Texts that must not appear in any failure of a source with `callOf`. */
export const secretsOfCall = ['the-id', 'the-key', 'Signature=', 'example.com'];

/** Creates the function that calls API 3.0 with the transport `http`. */
export function callOf(http: Http) {
  return createApi3Call({
    http,
    endpoint: 'https://live.example.com',
    getCredentials: () => ({ secretId: 'the-id', secretKey: 'the-key', token: undefined }),
    now: () => noon,
  });
}

/** Returns a response with these fields of `Response`. */
export function body(response: object): HttpResponse {
  return httpResponse(JSON.stringify({ Response: { RequestId: 'r', ...response } }));
}

export function failed(code: string): HttpResponse {
  return body({ Error: { Code: code, Message: 'text' } });
}

/** Failures that every operation can have, by kind. */
export const commonFailures = {
  auth: [failed('AuthFailure.SignatureFailure'), failed('UnauthorizedOperation')],
  refused: [failed('InvalidParameterValue'), failed('ResourceNotFound.FreezeService')],
  throttled: [failed('RequestLimitExceeded'), httpResponse('', { status: 429 })],
  unavailable: [failed('InternalError'), failed('FailedOperation'), httpResponse('', { status: 502 })],
  malformed: [httpResponse('<html>')],
};
