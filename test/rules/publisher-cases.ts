import type { RuleCase } from './promtool.ts';
import { streamSeries } from './series.ts';

const news = 'account=a stream=news team=blue';

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
];
