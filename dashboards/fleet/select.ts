import { selectorOf } from '../queries.ts';

/** Selects the series of the selected accounts and domains. */
export const select = selectorOf('account=~"$account", domain=~"$domain"');

/** Selects the series of the selected accounts, which have no domain. */
export const ofAccount = selectorOf('account=~"$account"');
