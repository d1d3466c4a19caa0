/**
 * Texts of the error codes that the simulated API 3.0 returns. Sources: the common error codes of API 3.0 and
 * the lists of codes of the live operations. The texts are not those of the provider, which can change at any
 * time.
 */
export const api3Failures = {
  'AuthFailure.InvalidAuthorization': 'the Authorization header is malformed',
  'AuthFailure.SecretIdNotFound': 'the SecretId is not found',
  'AuthFailure.SignatureExpire': 'the signature has expired',
  'AuthFailure.SignatureFailure': 'the signature is invalid',
  'AuthFailure.TokenFailure': 'the token is invalid',
  'AuthFailure.UnauthorizedOperation': 'the operation is not authorized',
  UnauthorizedOperation: 'the operation is not authorized',
  RequestLimitExceeded: 'the number of requests exceeds the rate limit',
  InternalError: 'internal error',
  'FailedOperation.GetDataFailed': 'failed to get the data',
  'FailedOperation.HasNotLivingStream': 'there is no live stream',
  'InternalError.HasNotLivingStream': 'there is no live stream',
  'ResourceNotFound.FreezeService': 'the live service of the account is frozen',
  InvalidAction: 'the action does not exist',
  InvalidParameter: 'the request body is not a JSON object',
  InvalidParameterValue: 'a parameter has an invalid value',
  MissingParameter: 'a required parameter is missing',
  NoSuchVersion: 'the version of the API does not exist',
  UnknownParameter: 'the request has an unknown parameter',
} as const;

export type Api3Failure = keyof typeof api3Failures;

export function isApi3Failure(text: string): text is Api3Failure {
  return Object.hasOwn(api3Failures, text);
}
