import { minuteMs } from '../../model/time.ts';
import { dedented, identity, oneLine, perStream } from './promql.ts';
import type { AlertRule } from './rule.ts';
import type { StreamContext } from './stream-context.ts';
import { lowerFirst, streamText } from './stream-texts.ts';

/** Returns the alerts about the publishers of a stream. */
export function publisherRules(context: StreamContext): readonly AlertRule[] {
  const { changes, isPast, labeled, long, longMs, metric, recent, scrapeMs } = context;
  return [
    {
      alert: 'LivestreamPushPublishersFighting',
      comment:
        'Two encoders push one stream in turn: each change interrupts the viewers. Either both are fresh, but together they ' +
        'push no more than one would (a main and a backup push together push twice as much), or the publisher changes slowly. ' +
        'Nothing is known while the counters of a new stream are held at 0. Changes within an outage say nothing about now.',
      expr: labeled(
        dedented(`
            (
                ${oneLine(perStream(`count without (client_ip) (${metric('fps')})`))} >= 2
              and on (${identity})
                ${oneLine(perStream(`rate(${metric('observed_seconds_total')}[${recent}])`))} > 0 < 1.5
            )
          or
            (
                ${oneLine(perStream(`increase(${metric('client_changes_total')}[${changes}])`))} >= 4
              unless on (${identity})
                ${oneLine(perStream(isPast(changes)))}
            )`),
      ),
      forMs: Math.max(2 * minuteMs, 2 * scrapeMs),
      keepFiringMs: Math.max(10 * minuteMs, longMs),
      severity: 'warning',
      summary: {
        en: 'The publisher of a live stream changes again and again.',
        zh: '直播流的推流端反复变更。',
      },
      description: {
        en:
          `Several publishers push ${lowerFirst(streamText.en)} in turn. Probably two encoders have the same stream name. ` +
          'Their addresses are in the label client_ip of livestream_push_fps and on the status page. Stop one of them.',
        zh:
          `多个推流端轮流推${streamText.zh}。可能有两个编码器使用同一个流名。` +
          '它们的地址见 livestream_push_fps 的标签 client_ip 和状态页。请停掉其中一个。',
      },
    },
    {
      alert: 'LivestreamPushPublisherChanged',
      expr: labeled(
        dedented(`
            ${oneLine(perStream(`increase(${metric('client_changes_total')}[${long}])`))} > 0
          unless on (${identity})
            ${oneLine(perStream(isPast(long)))}`),
      ),
      severity: 'info',
      summary: {
        en: 'Another publisher pushes a live stream.',
        zh: '直播流的推流端已变更。',
      },
      description: {
        en:
          `${streamText.en} got another publisher (address) in the last ${long}. If nobody has switched the encoder or ` +
          'its uplink, check who pushes the stream. The addresses are in livestream_push_info and on the status page.',
        zh:
          `${streamText.zh} 在最近 ${long} 内变更过推流端（地址）。如果没有人切换编码器或其上行网络，请检查是谁在推流。` +
          '地址见 livestream_push_info 和状态页。',
      },
    },
  ];
}
