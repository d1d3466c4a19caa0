import * as z from 'zod';
import { operationsOf, questionsOf } from '../../model/operations.ts';
import type { Sources } from '../../model/questions.ts';
import type { ProviderAccount, ProviderModule, ProviderParts } from '../provider.ts';
import { advice } from './advice.ts';
import { createAlibabaCall } from './call.ts';
import { createAlibabaControlHistory } from './control-history.ts';
import { createCredentials } from './credentials.ts';
import { createDomainLookup } from './domain-lookup.ts';
import { createDomainMappings } from './domain-mapping.ts';
import { createAlibabaForbiddenStreams } from './forbidden-streams.ts';
import { createAlibabaLivePushes } from './live-pushes.ts';
import { createAlibabaOnlineStreams } from './online-streams.ts';
import { createPushDomains } from './push-domains.ts';
import { createAlibabaPushHistory } from './push-history.ts';
import { createAlibabaPushMetrics } from './push-metrics.ts';
import { createUnitCheck } from './unit-check.ts';
import { bitrateUnits } from './units.ts';

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
  bitrateUnits: z.record(z.string(), z.enum(bitrateUnits)).default({}),
  /** Ingest domains of the config, by main streaming domain. */
  pushDomains: z.record(z.string(), z.array(z.string())).default({}),
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
  advice,
};

function createSources({ settings, getSecret }: ProviderAccount, parts: ProviderParts): Sources {
  const { http, wrap, now, nonce, inSlices } = parts;
  const {
    credentialsFrom,
    bitrateUnits: units,
    pushDomains: configured,
    ...access
  } = Settings.parse(settings);
  const { get: getCredentials, renewable } = createCredentials(credentialsFrom, getSecret, parts);
  const call = wrap(createAlibabaCall({ ...access, http, getCredentials, now, nonce, inSlices }), renewable);
  const mappingOf = createDomainMappings(call, { now });
  const pushDomains = createPushDomains({ configured, mappingOf, now });
  const unitCheck = createUnitCheck();
  return {
    domain_mapping: createDomainLookup(mappingOf, configured),
    push_metrics: createAlibabaPushMetrics(call, { now }),
    control_history: createAlibabaControlHistory(call, { now }),
    push_stats: createAlibabaPushHistory(call, { pushDomains, units, unitCheck, now }),
    online_streams: createAlibabaOnlineStreams(call, { pushDomains, now, inSlices }),
    forbidden_streams: createAlibabaForbiddenStreams(call, { pushDomains, now, inSlices }),
    live_push_stats: createAlibabaLivePushes(call, { pushDomains, units, unitCheck, now, inSlices }),
  };
}
