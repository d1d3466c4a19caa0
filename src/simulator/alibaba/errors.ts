/**
 * The documented failures that a caller of the control history can meet, with a status that a page gives; where pages
 * differ, an event of the story can set another. Only the three about times have the wording of the operation's page
 * (seed 004_3a006501540ff5cf.txt), misspelling and all; the other texts are ours, since clients go by the code.
 */
export const alibabaFailures = {
  Throttling: { status: 400, text: 'Too many requests.' },
  'Throttling.User': { status: 400, text: 'Too many requests of this user.' },
  'Throttling.Api': { status: 400, text: 'Too many requests of this operation.' },
  InternalError: { status: 500, text: 'Something failed inside.' },
  ServiceUnavailable: { status: 503, text: 'The service is away for the moment.' },
  InvalidAccessKeyId: { status: 400, text: 'The access key is not valid.' },
  'InvalidAccessKeyId.NotFound': { status: 404, text: 'There is no such access key.' },
  'InvalidAccessKeyId.Inactive': { status: 400, text: 'The access key is switched off.' },
  SignatureDoesNotMatch: { status: 400, text: 'The signature is not the one computed here.' },
  IncompleteSignature: { status: 400, text: 'The signature lacks something.' },
  InvalidSignatureMethod: { status: 400, text: 'There is no such way to sign.' },
  InvalidSignatureVersion: { status: 400, text: 'There is no such version of the signature.' },
  'InvalidTimeStamp.Expired': { status: 400, text: 'The time of the request is too far from the time here.' },
  'InvalidTimeStamp.Format': { status: 400, text: 'The time of the request is not written as it should be.' },
  IllegalTimestamp: { status: 400, text: 'The request has no usable time.' },
  SignatureNonceUsed: { status: 400, text: 'The nonce was used before.' },
  MissingSecurityToken: { status: 400, text: 'The access key needs a security token.' },
  'InvalidSecurityToken.Expired': { status: 400, text: 'The security token has expired.' },
  'InvalidSecurityToken.Malformed': { status: 400, text: 'The security token cannot be read.' },
  'InvalidSecurityToken.MismatchWithAccessKey': {
    status: 400,
    text: 'The security token belongs to another access key.',
  },
  Forbidden: { status: 403, text: 'Not allowed.' },
  'Forbidden.RAM': { status: 403, text: 'The user has no right to this operation.' },
  'Forbidden.RiskControl': { status: 403, text: 'The request was stopped by risk control.' },
  NoPermission: { status: 403, text: 'The user has no right to this operation.' },
  IllegalOperation: { status: 403, text: 'This cannot be done with this domain.' },
  'InvalidDomain.NotFound': { status: 404, text: 'The account has no such domain.' },
  'InvalidIdentity.ServiceDisabled': { status: 400, text: 'The service is not switched on.' },
  'InvalidParameter.Format': { status: 400, text: 'A parameter is not written as it should be.' },
  'InvalidApi.NotFound': { status: 404, text: 'There is no such operation.' },
  'InvalidProtocol.NeedSsl': { status: 400, text: 'This has to be asked over TLS.' },
  NoSuchVersion: { status: 400, text: 'There is no such version.' },
  UnsupportedHTTPMethod: { status: 400, text: 'There is no such method here.' },
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

/** A `Code` in the body of a failure. */
export type AlibabaFailure = keyof typeof alibabaFailures;

export function isAlibabaFailure(text: string): text is AlibabaFailure {
  return Object.hasOwn(alibabaFailures, text);
}
