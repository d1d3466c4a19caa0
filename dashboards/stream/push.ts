import { colors } from '../colors.ts';
import { barPanel, graphPanel, timelinePanel } from '../panels.ts';
import { type Say, same } from '../text.ts';
import { absent, framesPerSecond } from '../texts.ts';
import { grown, select } from './queries.ts';
import { streamTexts as texts } from './texts.ts';

/** Who pushes the stream, from when to when. */
export function push(say: Say) {
  const { legends } = texts;
  /** Publishers with a value of the label: a lane without a name says nothing. */
  const info = (label: string) => select('livestream_push_info', `${label}!=""`);
  return [
    graphPanel(say, {
      id: 301,
      text: texts.publishers,
      noValue: absent.seeState,
      unit: 'none',
      width: 12,
      height: 8,
      isOpen: true,
      lines: [
        {
          legend: same('{{client_ip}}'),
          expr: `min by (client_ip) (min_over_time(${select('livestream_push_fps')}[$__rate_interval]))`,
        },
      ],
    })
      .axisLabel(say(framesPerSecond))
      // Without it, the axis of a line at zero would end at 100.
      .axisSoftMax(30),
    barPanel(say, {
      id: 302,
      text: texts.events,
      noValue: absent.seeState,
      isSum: true,
      unit: 'none',
      width: 12,
      height: 8,
      lines: [
        { legend: legends.sessions, expr: grown('livestream_push_sessions_total'), color: colors.ok },
        {
          legend: legends.changes,
          expr: grown('livestream_push_client_changes_total'),
          color: colors.warning,
        },
      ],
    }),
    timelinePanel(say, {
      id: 303,
      text: texts.nodes,
      noValue: absent.seeState,
      unit: 'none',
      width: 24,
      height: 7,
      points: 240,
      isPresence: true,
      lines: [
        { legend: legends.publisher, expr: `max by (client_ip) (${info('client_ip')})` },
        { legend: legends.server, expr: `max by (server_ip) (${info('server_ip')})` },
        {
          legend: legends.format,
          expr: `max by (push_domain, resolution, video_codec, audio_codec) (${info('resolution')})`,
        },
      ],
    }),
  ];
}
