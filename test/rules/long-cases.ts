import type { RuleCase } from './promtool.ts';
import { series, streamSeries } from './series.ts';

const account = 'account="a", provider="tencent"';
const gapOf = (stream: string) => `${account}, domain="d", app_name="live", stream="${stream}"`;
const lost = 'LivestreamTimeLost account=a';

/** Cases that take hours or days, at a coarser interval. */
export const longCases: readonly RuleCase[] = [
  {
    name: 'lost state fires for an hour',
    interval: '5m',
    series: {
      ...series('up', '', '1x21'),
      ...series('up', '', '1x21', 'j'),
      ...series('livestream_exporter_state_resets_total', '', '_ 2x20'),
      ...series('process_start_time_seconds', '', '_ 298x20'),
      ...series('livestream_exporter_state_resets_total', '', '_ 0x20', 'j'),
      ...series('process_start_time_seconds', '', '_ 298x20', 'j'),
    },
    firing: {
      '5m': ['LivestreamStateLost instance=i'],
      '60m': ['LivestreamStateLost instance=i'],
      '70m': [],
    },
  },
  {
    name: 'a new gap fires per account for 15 min, an old one does not',
    interval: '5m',
    series: {
      ...series('up', '', '1x16'),
      ...series('livestream_push_gap_seconds_total', gapOf('s'), '0x5 600x10'),
      ...series('livestream_push_gap_seconds_total', gapOf('s'), '0x5 300x10', 'j'),
      ...series('livestream_push_gap_seconds_total', gapOf('old'), '60x16'),
      ...series(
        'livestream_control_gap_seconds_total',
        'account="b", provider="alibaba", domain="d"',
        '90.5x5 180.5x10',
      ),
    },
    firing: {
      '25m': [],
      '30m': [lost, 'LivestreamTimeLost account=b'],
      '40m': [lost, 'LivestreamTimeLost account=b'],
      '55m': [],
    },
  },
  {
    name: 'a gap in the first scrape after days fires; an old gap does not, not even under a new name of the exporter',
    interval: '5m',
    series: {
      ...series('up', '', '1x1220'),
      // Absent from 24 h until 100 h, longer than the retention of the provider.
      ...series('livestream_push_gap_seconds_total', gapOf('away'), '0x287 stale _x911 14400x20'),
      // Moves to another exporter at 99 h, with an old gap.
      ...series(
        'livestream_push_gap_seconds_total',
        'account="c", provider="tencent", domain="d", app_name="live", stream="moved"',
        '600x1187 stale',
      ),
      ...series(
        'livestream_push_gap_seconds_total',
        'account="c", provider="tencent", domain="d", app_name="live", stream="moved"',
        '_x1191 600x28',
        'j',
      ),
    },
    firing: { '5995m': [], '6000m': [lost], '6010m': [lost], '6030m': [] },
  },
  {
    name: 'a stream that was out of the config for an hour fires once, and a restart does not report a gap again',
    interval: '5m',
    series: {
      ...series('up', '', '1x1240'),
      // Out of the config from 60 h to 61 h; a restart at 62 h.
      ...series(
        'livestream_push_gap_seconds_total',
        gapOf('returns'),
        '0x720 stale _x10 3600x11 stale 3600x495',
      ),
      // Absent from 24 h until 100 h; a restart at 101 h.
      ...series(
        'livestream_control_gap_seconds_total',
        'account="b", provider="alibaba", domain="d"',
        '0x287 stale _x911 14400x11 stale 14400x27',
      ),
    },
    firing: {
      '3655m': [],
      '3660m': [lost],
      '3670m': [lost],
      '3690m': [],
      '3720m': [],
      '3735m': [],
      '5995m': [],
      '6000m': ['LivestreamTimeLost account=b'],
      '6010m': ['LivestreamTimeLost account=b'],
      '6030m': [],
      '6060m': [],
      '6075m': [],
    },
  },
  {
    name: 'a stream that is bad for long uses up its budget, fast or slowly',
    interval: '1m',
    series: {
      // Bad in a fifth of the time.
      ...streamSeries({ steps: 600, step: 60, differ: { bad_seconds_total: '0x60 12+12x240 2892x299' } }),
      // Bad in a twelfth, from the second hour on.
      ...streamSeries({
        stream: 'slow',
        steps: 600,
        step: 60,
        differ: { bad_seconds_total: '0x60 5+5x539' },
      }),
      // Bad for three minutes.
      ...streamSeries({
        stream: 'short',
        steps: 600,
        step: 60,
        differ: { bad_seconds_total: '0x60 60 120 180x537' },
      }),
    },
    firing: {
      '60m': [],
      '130m': ['LivestreamPushBudgetBurnFast account=a stream=news team=blue'],
      '200m': ['LivestreamPushBudgetBurnFast account=a stream=news team=blue'],
      '400m': ['LivestreamPushBudgetBurnSlow account=a stream=slow team=blue'],
    },
  },
  {
    name: 'a budget that was used up fast is not reported again as slow when the trouble is over',
    interval: '1m',
    series: streamSeries({ steps: 270, step: 60, differ: { bad_seconds_total: '0x180 60+60x24 1500x64' } }),
    firing: {
      '205m': ['LivestreamPushBudgetBurnFast account=a stream=news team=blue'],
      '230m': [],
      '235m': [],
      '240m': [],
    },
  },
];
