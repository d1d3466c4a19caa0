/**
 * HTTP status and message of each documented failure of a request, by failure code. If
 * two pages of the documentation give different statuses for a code, the table contains one of them; an event
 * in the scenario can set another one. The messages of the three failures about StartTime and EndTime are
 * copied from the page of DescribeLiveStreamsControlHistory, help.aliyun.com/document_detail/35411 (saved
 * copy 004_3a006501540ff5cf.txt), including the misspelling "math". The other messages are invented, because
 * clients evaluate only the code.
 */
export const alibabaFailures = {
  Throttling: [400, 'Too many requests.'],
  'Throttling.User': [400, 'Too many requests of this user.'],
  'Throttling.Api': [400, 'Too many requests of this operation.'],
  InternalError: [500, 'The request failed with an internal error.'],
  ServiceUnavailable: [503, 'The service is temporarily unavailable.'],
  InvalidAccessKeyId: [400, 'The access key is invalid.'],
  'InvalidAccessKeyId.NotFound': [404, 'The access key does not exist.'],
  'InvalidAccessKeyId.Inactive': [400, 'The access key is disabled.'],
  SignatureDoesNotMatch: [400, 'The signature does not match.'],
  IncompleteSignature: [400, 'The signature is incomplete.'],
  InvalidSignatureMethod: [400, 'The signature method is not supported.'],
  InvalidSignatureVersion: [400, 'The signature version is not supported.'],
  'InvalidTimeStamp.Expired': [400, 'The timestamp has expired.'],
  'InvalidTimeStamp.Format': [400, 'The timestamp is malformed.'],
  IllegalTimestamp: [400, 'The timestamp is missing.'],
  SignatureNonceUsed: [400, 'The nonce has already been used.'],
  MissingSecurityToken: [400, 'The security token is missing.'],
  'InvalidSecurityToken.Expired': [400, 'The security token has expired.'],
  'InvalidSecurityToken.Malformed': [400, 'The security token is malformed.'],
  'InvalidSecurityToken.MismatchWithAccessKey': [400, 'The security token belongs to another access key.'],
  Forbidden: [403, 'The request is not permitted.'],
  'Forbidden.RAM': [403, 'The user is not authorized to call this operation.'],
  'Forbidden.RiskControl': [403, 'The request was rejected by risk control.'],
  NoPermission: [403, 'The user is not authorized to call this operation.'],
  IllegalOperation: [403, 'The operation is not allowed for this domain.'],
  'InvalidDomain.NotFound': [404, 'The domain does not exist in this account.'],
  'InvalidIdentity.ServiceDisabled': [400, 'The service is not enabled.'],
  'InvalidParameter.Format': [400, 'A parameter is malformed.'],
  'InvalidApi.NotFound': [404, 'The operation does not exist.'],
  'InvalidProtocol.NeedSsl': [400, 'The request requires TLS.'],
  NoSuchVersion: [400, 'The version does not exist.'],
  UnsupportedHTTPMethod: [400, 'The HTTP method is not supported.'],
  MissingAction: [400, 'Action is missing.'],
  MissingVersion: [400, 'Version is missing.'],
  MissingAccessKeyId: [400, 'AccessKeyId is missing.'],
  MissingSignature: [400, 'Signature is missing.'],
  MissingSignatureMethod: [400, 'SignatureMethod is missing.'],
  MissingSignatureVersion: [400, 'SignatureVersion is missing.'],
  MissingSignatureNonce: [400, 'SignatureNonce is missing.'],
  MissingDomainName: [400, 'DomainName is missing.'],
  MissingAppName: [400, 'AppName is missing.'],
  MissingStreamName: [400, 'StreamName is missing.'],
  MissingQueryTime: [400, 'QueryTime is missing.'],
  MissingStartTime: [400, 'StartTime is missing.'],
  MissingEndTime: [400, 'EndTime is missing.'],
  'InvalidQueryTime.Malformed': [400, 'Specified parameter QueryTime is not valid.'],
  'InvalidStartTime.Malformed': [400, 'Specified parameter StartTime is not valid.'],
  'InvalidEndTime.Malformed': [400, 'Specified parameter EndTime is not valid.'],
  'InvalidEndTime.Mismatch': [400, 'Specified end time does not math the specified start time.'],
} as const;

/** Failure code, which is the value of `Code` in the response body of a failed request. */
export type AlibabaFailure = keyof typeof alibabaFailures;

export function isAlibabaFailure(text: string): text is AlibabaFailure {
  return Object.hasOwn(alibabaFailures, text);
}
