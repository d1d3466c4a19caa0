import { selectorOf } from '../queries.ts';

/** Selects the series of the selected accounts and domains. */
export const select = selectorOf('account=~"$account", domain=~"$domain"');
