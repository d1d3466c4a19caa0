import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard';
import { overview } from './overview.ts';

/** All shipped dashboards. The file name of each is its uid. */
export const dashboards: readonly Dashboard[] = [overview()];
