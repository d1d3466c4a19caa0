import * as common from '@grafana/grafana-foundation-sdk/common';
import { colors } from '../colors.ts';
import { type Options, uidOf } from '../frame.ts';
import { graphPanel, recordedInterval, timelinePanel } from '../panels.ts';
import { identity } from '../queries.ts';
import { state, stateColors, stateMapping } from '../states.ts';
import { tablePanel } from '../tables.ts';
import { type Say, same } from '../text.ts';
import { absent, links, states, words } from '../texts.ts';
import { causeMapping } from './causes.ts';
import { groupTable } from './groups.ts';
import { type fleetQueries, troubleStates } from './queries.ts';
import { fleetTexts as texts } from './texts.ts';

type Queries = ReturnType<typeof fleetQueries>;

/** How many streams are in trouble, and what they have in common. */
export function trouble(say: Say, queries: Queries) {
  return [
    graphPanel(say, {
      id: 201,
      text: texts.trouble,
      unit: 'none',
      width: 11,
      height: 8,
      // Each point costs a look at every stream; it covers all of its interval, so few points are enough.
      points: 30,
      interval: recordedInterval,
      lines: [{ legend: same('{{state}}'), expr: queries.troubleOverTime }],
      names: troubleStates.map((name) => ({
        series: String(state[name]),
        name: states[name],
        color: stateColors[name],
        // A whole account can be unknown, for example after a start: on a common axis, it would hide the others.
        hasOwnAxis: name === 'unknown',
      })),
      noValue: absent.noStates,
    })
      // Ticks at whole numbers.
      .decimals(0)
      .axisSoftMax(4)
      .fillOpacity(10)
      .legend(
        new common.VizLegendOptionsBuilder()
          .showLegend(true)
          .displayMode(common.LegendDisplayMode.List)
          .placement(common.LegendPlacement.Bottom)
          .calcs(['max']),
      ),
    groupTable(say, queries.byGroup),
  ];
}

/** All streams, the worst first, and the history of the worst. */
export function streams(say: Say, queries: Queries, options: Options) {
  const { labels, language } = options;
  const show = {
    title: say(links.streamOf),
    url: `/d/${uidOf('stream', language)}?var-datasource=\${datasource}&${identity
      .filter((label) => label !== 'provider')
      .map((label) => `var-${label}=\${__data.fields.${label}:percentencode}`)
      .join('&')}&\${__url_time_range}`,
  };
  return [
    tablePanel(say, {
      id: 202,
      text: texts.table,
      unit: 'none',
      width: 24,
      height: 12,
      keys: identity,
      rows: queries.streams,
      columns: [
        {
          title: words.state,
          width: 95,
          expr: queries.state,
          noValue: absent.noStates,
          mappings: [stateMapping(say)],
          isFilled: true,
        },
        { title: words.stream, width: 100, label: 'stream', isFlexible: true, link: show },
        {
          title: words.what,
          width: 182,
          expr: queries.causeSince,
          info: 'alertname',
          mappings: [causeMapping(say)],
        },
        {
          title: words.since,
          // Of a day before today, the date is shown too.
          width: 155,
          expr: queries.causeSince,
          unit: 'dateTimeAsIsoNoDateIfToday',
          noValue: same(''),
        },
        {
          title: texts.columns.fps,
          width: 72,
          expr: queries.fps,
          decimals: 1,
          noValue: same('–'),
        },
        {
          title: texts.columns.bitrate,
          width: 80,
          expr: queries.bitrate,
          unit: 'bps',
          noValue: same('–'),
        },
        // Not beside the begin: it is no duration of what is wrong now.
        {
          title: texts.columns.bad,
          width: 125,
          expr: queries.badSeconds,
          unit: 's',
          decimals: 0,
          noValue: absent.unknown,
          // Zero is neutral: for an unknown stream, it would look good.
          steps: [{ at: 1, color: colors.warning }],
        },
        { title: words.server, width: 110, expr: queries.server, info: 'server_ip' },
        { title: words.domain, width: 76, label: 'domain', isFlexible: true },
        { title: texts.columns.appName, width: 70, label: 'app_name' },
        { title: words.account, width: 110, label: 'account' },
        ...labels.map((label) => ({ title: same(label), width: 85, label })),
      ],
      sortBy: [words.state, texts.columns.bad],
    }),
    timelinePanel(say, {
      id: 203,
      text: texts.timeline,
      unit: 'none',
      width: 24,
      height: 12,
      points: 30,
      noValue: absent.noStates,
      lines: [{ legend: same('{{stream}}'), expr: queries.timeline }],
    }),
  ];
}
