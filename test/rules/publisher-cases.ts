import type { RuleCase } from './promtool.ts';
import { news, streamSeries } from './series.ts';

/** Returns the gauges of two publishers, and further series that differ. */
function pushers(differ: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return { 'fps client_ip="192.0.2.1"': '25x60', 'fps client_ip="192.0.2.2"': '25x60', ...differ };
}

/** Cases of the alerts about publishers, at a scrape interval of 5 s. */
export const publisherCases: readonly RuleCase[] = [
  {
    name: 'a change of the publisher is an information, and many are a warning',
    interval: '5s',
    series: {
      ...streamSeries({
        steps: 300,
        differ: { client_changes_total: '0x12 1x20 2x20 3x20 4x20 5x20 6x180' },
      }),
      ...streamSeries({ stream: 'once', steps: 300, differ: { client_changes_total: '0x12 1x287' } }),
    },
    firing: {
      '60s': [],
      '100s': [
        `LivestreamPushPublisherChanged ${news}`,
        'LivestreamPushPublisherChanged account=a stream=once team=blue',
      ],
      '550s': [`LivestreamPushPublisherChanged ${news}`, `LivestreamPushPublishersFighting ${news}`],
      '1400s': [`LivestreamPushPublishersFighting ${news}`],
      '1500s': [],
    },
  },
  {
    name: 'publishers that push in turn fire; a pair does not, not even while its counters are held at 0',
    interval: '5s',
    series: {
      ...streamSeries({ steps: 60, differ: pushers({}) }),
      ...streamSeries({ stream: 'pair', steps: 60, differ: pushers({ observed_seconds_total: '0+10x60' }) }),
      ...streamSeries({ stream: 'held', steps: 60, differ: pushers({ observed_seconds_total: '0x60' }) }),
    },
    firing: { '120s': [], '180s': [`LivestreamPushPublishersFighting ${news}`] },
  },
];
