import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard';
import { overview } from './overview.ts';

/** All that ship, each in a file named for its uid. */
export const dashboards: readonly Dashboard[] = [overview()];
