import * as z from 'zod';
import { operationsOf, questionsOf } from '../../model/capabilities.ts';
import type { Sources } from '../../model/questions.ts';
import type { ProviderAccount, ProviderModule, ProviderParts } from '../provider.ts';
import { createAlibabaCall } from './call.ts';
import { createAlibabaControlHistory } from './control-history.ts';
import { createCredentials } from './credentials.ts';

/**
 * Provider settings of an account, in the form that `toProviderSettings` in
 * `config/schema/provider-settings.ts` returns.
 */
const Settings = z.object({
  endpoint: z.string(),
  signature: z.enum(['v1', 'v3']),
  format: z.enum(['json', 'xml']),
  /** Source of the credentials, see `credentials.from` of the config. */
  credentialsFrom: z.string(),
});

/** Provider module of Alibaba Cloud ApsaraVideo Live. */
export const alibaba: ProviderModule = {
  name: 'alibaba',
  operations: operationsOf('alibaba'),
  questions: questionsOf('alibaba'),
  // The provider rejects a nonce that it has seen before, so nobody can send a signed request again.
  hasReplayableRequests: false,
  credentials: ({ settings, getSecret }, parts) =>
    createCredentials(Settings.parse(settings).credentialsFrom, getSecret, parts).get,
  createSources,
};

function createSources({ settings, getSecret }: ProviderAccount, parts: ProviderParts): Sources {
  const { http, wrap, now, nonce } = parts;
  const { credentialsFrom, ...access } = Settings.parse(settings);
  const { get: getCredentials, renewable } = createCredentials(credentialsFrom, getSecret, parts);
  const call = wrap(createAlibabaCall({ ...access, http, getCredentials, now, nonce }), renewable);
  return { control_history: createAlibabaControlHistory(call, { now }) };
}
