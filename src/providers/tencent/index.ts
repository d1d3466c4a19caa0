import * as z from 'zod';
import { operationsOf, questionsOf } from '../../model/capabilities.ts';
import type { Sources } from '../../model/questions.ts';
import type { ProviderAccount, ProviderModule, ProviderParts } from '../provider.ts';
import { currentCredentials } from './credentials.ts';
import { createStatcgiCall } from './statcgi/call.ts';
import { createStatcgiPushHistory } from './statcgi/push-history.ts';

/**
 * Provider settings of an account, in the form that `toProviderSettings` in
 * `config/schema/provider-settings.ts` returns.
 */
const Settings = z.object({ appId: z.int(), endpoint: z.string(), timeZoneOffsetMs: z.number() });

/** Provider module of Tencent Cloud CSS (Cloud Streaming Services). */
export const tencent: ProviderModule = {
  name: 'tencent',
  operations: operationsOf('tencent'),
  questions: questionsOf('tencent'),
  // The signature of the statistics API covers only the expiry time, and the documented endpoint uses plain
  // HTTP. So anybody who reads a request on the network can send it again until the signature expires.
  hasReplayableRequests: true,
  credentials: ({ getSecret }) => currentCredentials(getSecret),
  createSources,
};

function createSources(
  { settings, getSecret }: ProviderAccount,
  { http, wrap, now }: ProviderParts,
): Sources {
  const { appId, endpoint, timeZoneOffsetMs } = Settings.parse(settings);
  const getCredentials = currentCredentials(getSecret);
  const call = wrap(createStatcgiCall({ http, endpoint, appId, getCredentials, now }));
  return { push_stats: createStatcgiPushHistory(call, { timeZoneOffsetMs }) };
}
