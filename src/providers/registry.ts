import { alibaba } from './alibaba/index.ts';
import type { ProviderModule } from './provider.ts';
import { tencent } from './tencent/index.ts';

/** All providers. */
const providers: readonly ProviderModule[] = [tencent, alibaba];

/** Returns the provider with this name. Throws if there is none: the config accepts only known names. */
export function providerOf(name: string): ProviderModule {
  const provider = providers.find((candidate) => candidate.name === name);
  if (provider === undefined) throw new Error(`unknown provider ${name}`);
  return provider;
}
