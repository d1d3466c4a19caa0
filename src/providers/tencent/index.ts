import * as z from 'zod';
import { operationsOf, questionsOf } from '../../model/capabilities.ts';
import type { Sources } from '../../model/questions.ts';
import type { ProviderAccount, ProviderModule, ProviderParts } from '../provider.ts';
import { staticCredentials } from './credentials.ts';
import { createStatcgiCall } from './statcgi/call.ts';
import { createStatcgiPushHistory } from './statcgi/push-history.ts';

/** Settings of an account, as `config/schema/provider-settings.ts` writes them. */
const Settings = z.object({ appId: z.int(), endpoint: z.string(), timeZoneOffsetMs: z.number() });

/** Tencent Cloud CSS. */
export const tencent: ProviderModule = {
  name: 'tencent',
  operations: operationsOf('tencent'),
  questions: questionsOf('tencent'),
  // The statcgi signature covers only the time, and the documented endpoint is plain HTTP.
  hasReplayableRequests: true,
  credentials: ({ getSecret }) => staticCredentials(getSecret),
  createSources,
};

function createSources(
  { settings, getSecret }: ProviderAccount,
  { http, wrap, now }: ProviderParts,
): Sources {
  const { appId, endpoint, timeZoneOffsetMs } = Settings.parse(settings);
  const getCredentials = staticCredentials(getSecret);
  const call = wrap(createStatcgiCall({ http, endpoint, appId, getCredentials, now }));
  return { push_stats: createStatcgiPushHistory(call, { timeZoneOffsetMs, now }) };
}
