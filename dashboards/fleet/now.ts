import { firingCount } from '../alerts.ts';
import { colors, noneIsGood } from '../colors.ts';
import { statPanel } from '../panels.ts';
import type { Say } from '../text.ts';
import { absent } from '../texts.ts';
import type { fleetQueries } from './queries.ts';
import { fleetTexts as texts } from './texts.ts';

/** Nine numbers: the states of the streams first, then whether they can be believed. */
export function now(say: Say, queries: ReturnType<typeof fleetQueries>) {
  const states = { width: 5, height: 3, unit: 'none' };
  const place = { ...states, width: 6 };
  const unknown = absent.unknown;
  return [
    statPanel(say, {
      ...states,
      id: 101,
      text: texts.missing,
      expr: queries.missing,
      steps: noneIsGood(colors.critical),
      noValue: unknown,
    }),
    statPanel(say, {
      ...states,
      id: 102,
      text: texts.degraded,
      expr: queries.degraded,
      steps: noneIsGood(colors.warning),
      noValue: unknown,
    }),
    statPanel(say, {
      ...states,
      id: 109,
      text: texts.interrupted,
      expr: queries.interrupted,
      steps: noneIsGood(colors.interrupted),
      noValue: unknown,
    }),
    statPanel(say, {
      ...states,
      id: 103,
      text: texts.unknown,
      expr: queries.unknown,
      steps: noneIsGood(colors.unknown),
      noValue: absent.noStates,
    }),
    statPanel(say, {
      ...states,
      width: 4,
      id: 104,
      text: texts.up,
      expr: queries.up,
      steps: [{ at: 1, color: colors.ok }],
      noValue: unknown,
    }),
    statPanel(say, {
      ...place,
      id: 105,
      text: texts.forbidden,
      expr: queries.forbidden,
      steps: noneIsGood(colors.critical),
      noValue: absent.notWatched,
    }),
    statPanel(say, {
      ...place,
      id: 106,
      text: texts.alerts,
      expr: firingCount('account=~"$account|", domain=~"$domain|"'),
      steps: noneIsGood(colors.warning),
      noValue: absent.noRules,
    }),
    statPanel(say, {
      ...place,
      id: 107,
      text: texts.badShare,
      unit: 'percentunit',
      expr: queries.badShare,
      // A small share is neutral: missing time counts only after 16 minutes.
      steps: [
        { at: 0.001, color: colors.warning },
        { at: 0.01, color: colors.critical },
      ],
      noValue: absent.noStates,
    }).decimals(2),
    statPanel(say, {
      ...place,
      id: 108,
      text: texts.exporters,
      expr: 'sum(up and on (job, instance) last_over_time(livestream_exporter_build_info[$__range]))',
      steps: [
        { at: 0, color: colors.critical },
        { at: 1, color: colors.ok },
      ],
      noValue: absent.none,
    }),
  ];
}
