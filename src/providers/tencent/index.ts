import * as z from 'zod';
import { operationsOf, questionsOf } from '../../model/operations.ts';
import type { Sources } from '../../model/questions.ts';
import type { ProviderAccount, ProviderModule, ProviderParts } from '../provider.ts';
import { advice } from './advice.ts';
import { createApi3Call } from './api3/call.ts';
import { createApi3ForbiddenStreams } from './api3/forbidden-streams.ts';
import { createApi3LivePushes } from './api3/live-pushes.ts';
import { createApi3OnlineStreams } from './api3/online-streams.ts';
import { createApi3PushHistory } from './api3/push-history.ts';
import { createApi3StreamEvents } from './api3/stream-events.ts';
import { createApi3StreamState } from './api3/stream-state.ts';
import { createApi3Credentials, currentStatcgiCredentials } from './credentials.ts';
import { createStatcgiCall } from './statcgi/call.ts';
import { createStatcgiPushHistory } from './statcgi/push-history.ts';

/**
 * Provider settings of an account, in the form that `toProviderSettings` in
 * `config/schema/provider-settings.ts` returns. `api` is the API that the account uses.
 */
const Settings = z.discriminatedUnion('api', [
  z.object({
    api: z.literal('statcgi'),
    appId: z.int(),
    endpoint: z.string(),
    timeZoneOffsetMs: z.number(),
  }),
  z.object({
    api: z.literal('api3'),
    endpoint: z.string(),
    site: z.enum(['china', 'international']),
    /** Source of the credentials, see `api3.credentials.from` of the config. */
    credentialsFrom: z.string(),
  }),
]);

/** Provider module of Tencent Cloud CSS (Cloud Streaming Services). */
export const tencent: ProviderModule = {
  name: 'tencent',
  operations: operationsOf('tencent'),
  questions: questionsOf('tencent'),
  // The signature of the statistics API covers only the expiry time, and the documented endpoint uses plain
  // HTTP. So anybody who reads a request on the network can send it again until the signature expires. API
  // 3.0 accepts a signed request again for five minutes.
  hasReplayableRequests: true,
  credentials({ settings, getSecret }, parts) {
    const parsed = Settings.parse(settings);
    return parsed.api === 'api3'
      ? createApi3Credentials(parsed.credentialsFrom, getSecret, parts).get
      : currentStatcgiCredentials(getSecret);
  },
  createSources,
  advice,
};

function createSources({ settings, getSecret }: ProviderAccount, parts: ProviderParts): Sources {
  const { http, wrap, now, inSlices } = parts;
  const parsed = Settings.parse(settings);
  const { endpoint } = parsed;
  if (parsed.api === 'api3') {
    const { site, credentialsFrom } = parsed;
    const { get: getCredentials, renewable } = createApi3Credentials(credentialsFrom, getSecret, parts);
    const call = wrap(createApi3Call({ http, endpoint, getCredentials, now }), renewable);
    return {
      push_stats: createApi3PushHistory(call),
      online_streams: createApi3OnlineStreams(call, { site, now, inSlices }),
      live_push_stats: createApi3LivePushes(call, { site, now, inSlices }),
      control_history: createApi3StreamEvents(call, { now, countsForbids: site === 'china' }),
      forbidden_streams: createApi3ForbiddenStreams(call, { site, now, inSlices }),
      stream_state: createApi3StreamState(call),
    };
  }
  const { appId, timeZoneOffsetMs } = parsed;
  const getCredentials = currentStatcgiCredentials(getSecret);
  const call = wrap(createStatcgiCall({ http, endpoint, appId, getCredentials, now }));
  return { push_stats: createStatcgiPushHistory(call, { timeZoneOffsetMs }) };
}
