import { expect, test } from 'vitest';
import type { FailureReason } from '../../src/model/failure-reason.ts';
import { toFailure as alibabaFailure } from '../../src/providers/alibaba/errors.ts';
import { toFailure as api3Failure } from '../../src/providers/tencent/api3/errors.ts';
import { toFailure as statcgiFailure } from '../../src/providers/tencent/statcgi/errors.ts';
import { httpResponse } from './recorded.ts';

const secrets = () => [];

test.each<[string, FailureReason]>([
  ['AuthFailure.SecretIdNotFound', 'key_id'],
  ['AuthFailure.SignatureFailure', 'key_secret'],
  ['AuthFailure.TokenFailure', 'token'],
  ['AuthFailure.MFAFailure', 'key_restricted'],
  ['AuthFailure.SignatureExpire', 'clock'],
  ['AuthFailure.UnauthorizedOperation', 'permission'],
  ['UnauthorizedOperation.CamNoAuth', 'permission'],
  ['InternalError.NotPermmitOperat', 'permission'],
  ['RequestLimitExceeded.UinLimitExceeded', 'throttled'],
  ['FailedOperation.GetDataFailed', 'server_error'],
  ['FailedOperation.StreamNotExist', 'stream_not_found'],
  ['ResourceNotFound.FreezeService', 'service_stopped'],
  ['ResourceNotFound.UserNotFount', 'service_not_enabled'],
  ['ResourceNotFound.DomainNotExist', 'domain_not_found'],
  ['ActionOffline', 'not_offered'],
  ['ResponseSizeLimitExceeded', 'too_large'],
])('API 3.0: %s means %s', (code, reason) => {
  const failure = api3Failure({
    operation: 'X',
    response: httpResponse(''),
    error: { code, text: '' },
    now: 0,
    secrets,
  });

  expect(failure).toMatchObject({ reason });
});

test.each<[string, FailureReason]>([
  ['sign invalid', 'key_secret'],
  ['time expired', 'clock'],
  ['cmd is invalid', 'ticket'],
  ['user is not registered for statapi', 'ticket'],
  ['request frequency exceeds limit', 'throttled'],
  ['internel/system error', 'server_error'],
])('statistics API: %s means %s', (text, reason) => {
  expect(statcgiFailure({ code: -1, text }, 'tencent X')).toMatchObject({ reason });
});

test.each<[string, FailureReason]>([
  ['InvalidAccessKeyId.NotFound', 'key_id'],
  ['SignatureDoesNotMatch', 'key_secret'],
  ['InvalidSecurityToken.Expired', 'token'],
  ['Forbidden.RiskControl', 'key_restricted'],
  ['Forbidden.RAM', 'permission'],
  ['NoPermission', 'permission'],
  ['InvalidTimeStamp.Expired', 'clock'],
  ['SignatureNonceUsed', 'proxy_failed'],
  ['InvalidSignatureMethod', 'signature_version'],
  ['IllegalOperation', 'domain_kind'],
  ['InvalidDomain.NotFound', 'domain_not_found'],
  ['InvalidIdentity.ServiceDisabled', 'service_not_enabled'],
  ['InvalidEndTime.Mismatch', 'time_range'],
  ['InvalidApi.NotFound', 'endpoint'],
  ['Throttling.User', 'throttled'],
  ['InternalError', 'server_error'],
])('Alibaba: %s means %s', (code, reason) => {
  const response = httpResponse('', { status: 400 });

  expect(
    alibabaFailure({ operation: 'X', response, status: { code, text: '' }, now: 0, secrets }),
  ).toMatchObject({ reason });
});

test.each<[number, FailureReason]>([
  [429, 'throttled'],
  [503, 'server_error'],
  [403, 'rejected_on_the_way'],
  [404, 'endpoint'],
])('the HTTP status %d without an error code means %s', (status, reason) => {
  const response = httpResponse('<html>', { status });

  expect(alibabaFailure({ operation: 'X', response, status: undefined, now: 0, secrets })).toMatchObject({
    reason,
  });
});
