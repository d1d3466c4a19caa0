import { alibaba } from './alibaba/index.ts';
import type { ProviderModule } from './provider.ts';
import { tencent } from './tencent/index.ts';

/** The modules of all built-in providers. */
const providers: readonly ProviderModule[] = [tencent, alibaba];

/**
 * Returns the module of the provider with the given name. Throws if there is none, which is a bug, because
 * the config accepts only known names.
 */
export function providerOf(name: string): ProviderModule {
  const provider = providers.find((candidate) => candidate.name === name);
  if (provider === undefined) throw new Error(`unknown provider ${name}`);
  return provider;
}
