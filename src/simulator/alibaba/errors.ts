/**
 * Documented failures of a request for control history, with a documented HTTP status. If pages disagree on the status,
 * an event of the story can set another. The texts of the three failures about times are those of the operation's page
 * (seed 004_3a006501540ff5cf.txt), including the misspelling. The other texts are invented: clients evaluate the code.
 */
export const alibabaFailures = {
  Throttling: { status: 400, text: 'Too many requests.' },
  'Throttling.User': { status: 400, text: 'Too many requests of this user.' },
  'Throttling.Api': { status: 400, text: 'Too many requests of this operation.' },
  InternalError: { status: 500, text: 'The request failed with an internal error.' },
  ServiceUnavailable: { status: 503, text: 'The service is temporarily unavailable.' },
  InvalidAccessKeyId: { status: 400, text: 'The access key is invalid.' },
  'InvalidAccessKeyId.NotFound': { status: 404, text: 'The access key does not exist.' },
  'InvalidAccessKeyId.Inactive': { status: 400, text: 'The access key is disabled.' },
  SignatureDoesNotMatch: { status: 400, text: 'The signature does not match.' },
  IncompleteSignature: { status: 400, text: 'The signature is incomplete.' },
  InvalidSignatureMethod: { status: 400, text: 'The signature method is not supported.' },
  InvalidSignatureVersion: { status: 400, text: 'The signature version is not supported.' },
  'InvalidTimeStamp.Expired': { status: 400, text: 'The timestamp has expired.' },
  'InvalidTimeStamp.Format': { status: 400, text: 'The timestamp is malformed.' },
  IllegalTimestamp: { status: 400, text: 'The timestamp is missing.' },
  SignatureNonceUsed: { status: 400, text: 'The nonce has already been used.' },
  MissingSecurityToken: { status: 400, text: 'The security token is missing.' },
  'InvalidSecurityToken.Expired': { status: 400, text: 'The security token has expired.' },
  'InvalidSecurityToken.Malformed': { status: 400, text: 'The security token is malformed.' },
  'InvalidSecurityToken.MismatchWithAccessKey': {
    status: 400,
    text: 'The security token belongs to another access key.',
  },
  Forbidden: { status: 403, text: 'The request is not permitted.' },
  'Forbidden.RAM': { status: 403, text: 'The user is not authorized to call this operation.' },
  'Forbidden.RiskControl': { status: 403, text: 'The request was rejected by risk control.' },
  NoPermission: { status: 403, text: 'The user is not authorized to call this operation.' },
  IllegalOperation: { status: 403, text: 'The operation is not allowed for this domain.' },
  'InvalidDomain.NotFound': { status: 404, text: 'The domain does not exist in this account.' },
  'InvalidIdentity.ServiceDisabled': { status: 400, text: 'The service is not enabled.' },
  'InvalidParameter.Format': { status: 400, text: 'A parameter is malformed.' },
  'InvalidApi.NotFound': { status: 404, text: 'The operation does not exist.' },
  'InvalidProtocol.NeedSsl': { status: 400, text: 'The request requires TLS.' },
  NoSuchVersion: { status: 400, text: 'The version does not exist.' },
  UnsupportedHTTPMethod: { status: 400, text: 'The HTTP method is not supported.' },
  MissingAction: { status: 400, text: 'Action is missing.' },
  MissingVersion: { status: 400, text: 'Version is missing.' },
  MissingAccessKeyId: { status: 400, text: 'AccessKeyId is missing.' },
  MissingSignature: { status: 400, text: 'Signature is missing.' },
  MissingSignatureMethod: { status: 400, text: 'SignatureMethod is missing.' },
  MissingSignatureVersion: { status: 400, text: 'SignatureVersion is missing.' },
  MissingSignatureNonce: { status: 400, text: 'SignatureNonce is missing.' },
  MissingDomainName: { status: 400, text: 'DomainName is missing.' },
  MissingStartTime: { status: 400, text: 'StartTime is missing.' },
  MissingEndTime: { status: 400, text: 'EndTime is missing.' },
  'InvalidStartTime.Malformed': { status: 400, text: 'Specified parameter StartTime is not valid.' },
  'InvalidEndTime.Malformed': { status: 400, text: 'Specified parameter EndTime is not valid.' },
  'InvalidEndTime.Mismatch': {
    status: 400,
    text: 'Specified end time does not math the specified start time.',
  },
} as const;

/** Value of `Code` in the body of a failure. */
export type AlibabaFailure = keyof typeof alibabaFailures;

export function isAlibabaFailure(text: string): text is AlibabaFailure {
  return Object.hasOwn(alibabaFailures, text);
}
