import * as common from '@grafana/grafana-foundation-sdk/common';
import * as dashboard from '@grafana/grafana-foundation-sdk/dashboard';
import * as prometheus from '@grafana/grafana-foundation-sdk/prometheus';
import { colors, datasource, graphPanel, statPanel, tablePanel, thresholds } from './panels.ts';
import {
  bitrate,
  byStream,
  countKnown,
  degraded,
  fps,
  isDue,
  isUp,
  minBitrate,
  minFps,
  ofStreams,
  once,
  selected,
  state,
  troubleByStream,
  troubleOfAll,
  worst,
} from './queries.ts';
import { variables } from './variables.ts';

/** From top to bottom: can we see, what is happening, which stream, how bad, who did something. */
export function overview(): dashboard.Dashboard {
  const builder = new dashboard.DashboardBuilder('Live streams: overview')
    .uid('livestream-overview')
    .description('Which live streams are in trouble, and whether the exporter can see them at all.')
    .tags(['livestream'])
    .readonly()
    .refresh('10s')
    .time({ from: 'now-1h', to: 'now' })
    .timezone('browser')
    .tooltip(dashboard.DashboardCursorSync.Crosshair)
    .variables(variables())
    .annotation(firingAlerts());
  for (const { id, title, panels } of [canWeSee(), whatIsHappening(), whichStream(), howBad(), whoActed()]) {
    builder.withRow(new dashboard.RowBuilder(title).id(id));
    for (const panel of panels) builder.withPanel(panel);
  }
  return builder.build();
}

/** Ids of a row and its panels begin with the same digit, so that a new panel renames none. */
function canWeSee() {
  const requests = `livestream_api_requests_total{${selected.account}}[$__rate_interval]`;
  const failures = `livestream_api_request_failures_total{${selected.account}}[$__rate_interval]`;
  const warnAndAlarm = (warning: number, critical: number) => [
    { at: warning, color: colors.warning },
    { at: critical, color: colors.critical },
  ];
  return {
    id: 100,
    title: 'Can we see?',
    panels: [
      statPanel({
        id: 101,
        title: 'Exporters up',
        description: 'Exporters that Prometheus reaches. At 0 nothing below is of now.',
        unit: 'none',
        base: colors.critical,
        steps: [{ at: 1, color: colors.well }],
        noValue: 'none known',
        expression: 'sum(up{job="livestream-exporter"})',
      }),
      statPanel({
        id: 102,
        title: 'Targets failing',
        description: 'Streams and domains whose last question brought no answer. Should be 0.',
        unit: 'none',
        steps: [{ at: 1, color: colors.critical }],
        expression: `sum(${once(`livestream_collector_targets_failing{${selected.account}}`)})`,
      }),
      statPanel({
        id: 103,
        title: 'Requests failed',
        // Each exporter sends its own requests, so here they are summed.
        description: 'The part of the requests to the providers that brought no answer.',
        unit: 'percentunit',
        steps: warnAndAlarm(0.01, 0.1),
        expression: `sum(rate(${failures})) / (sum(rate(${requests})) > 0)`,
      }),
      statPanel({
        id: 104,
        title: 'Budget in use',
        description:
          'Requests sent, against what the budget allows, of the operation that is nearest to its limit. At 100 % streams are asked about less often; nothing is lost.',
        unit: 'percentunit',
        steps: warnAndAlarm(0.8, 0.98),
        expression: `max(rate(${requests}) / livestream_api_budget_requests_per_second{${selected.account}})`,
      }),
      statPanel({
        id: 105,
        title: 'Data delay',
        description: 'Nine of ten samples were younger than this when they were counted.',
        unit: 's',
        steps: warnAndAlarm(30, 60),
        expression: `histogram_quantile(0.9, sum by (le) (rate(livestream_sample_delay_seconds_bucket{${selected.account}}[$__rate_interval])))`,
      }),
      statPanel({
        id: 106,
        title: 'Since the last answer',
        description: 'Of the account that has been silent for longest.',
        unit: 's',
        steps: warnAndAlarm(30, 60),
        expression: `max(time() - ${once(`livestream_collector_last_success_timestamp_seconds{${selected.account}}`)})`,
      }),
    ],
  };
}

function whatIsHappening() {
  return {
    id: 200,
    title: 'What is happening?',
    panels: [
      statPanel({
        id: 201,
        title: 'Streams pushed',
        description: 'Streams of which the provider has a fresh sample.',
        unit: 'none',
        expression: `sum(${isUp})`,
      }),
      statPanel({
        id: 202,
        title: 'Streams due',
        description: 'Streams that should be pushed now, by the config of the exporter.',
        unit: 'none',
        noValue: 'none said',
        expression: `sum(${isDue})`,
      }),
      statPanel({
        id: 203,
        title: 'Missing',
        description: 'Streams that are due, of which the provider has no fresh sample.',
        unit: 'none',
        steps: [{ at: 1, color: colors.critical }],
        expression: `sum(${isDue} * (1 - ${isUp}))`,
      }),
      statPanel({
        id: 204,
        title: 'Degraded',
        description: 'Streams that are pushed with too few frames or too few bits.',
        unit: 'none',
        steps: [{ at: 1, color: colors.warning }],
        expression: countKnown(degraded),
      }),
      statPanel({
        id: 205,
        title: 'Not known',
        description: 'Watched streams of which the provider does not answer. They may be well or not.',
        unit: 'none',
        steps: [{ at: 1, color: colors.warning }],
        expression: `count(${byStream(ofStreams('livestream_stream_info'))}) - (count(${isUp}) or vector(0))`,
      }),
      statPanel({
        id: 206,
        title: 'Time in trouble',
        description:
          'The part of the time shown in which streams were bad or missing, over every sample of all of them.',
        unit: 'percentunit',
        steps: [
          { at: 0.001, color: colors.warning },
          { at: 0.01, color: colors.critical },
        ],
        expression: troubleOfAll,
      }),
    ],
  };
}

function whichStream() {
  const panel = tablePanel({
    id: 301,
    title: 'Streams, worst first',
    description: 'One row for each stream. The name of a stream narrows this dashboard to it.',
    unit: 'none',
    labels: {
      stream: 'Stream',
      account: 'Account',
      provider: 'Provider',
      domain: 'Domain',
      app_name: 'App name',
    },
    columns: [
      ['State', byStream(state)],
      ['Time in trouble', byStream(troubleByStream)],
      ['Frames/s', byStream(fps)],
      ['Frames/s expected', byStream(ofStreams('livestream_push_expected_fps'))],
      ['Bitrate', byStream(bitrate)],
      ['Bitrate expected', byStream(ofStreams('livestream_push_expected_bitrate_bps'))],
      ['Age of newest sample', byStream(`time() - ${ofStreams('livestream_push_sample_timestamp_seconds')}`)],
    ],
  })
    .sortBy([
      new common.TableSortByFieldStateBuilder().displayName('State').desc(true),
      new common.TableSortByFieldStateBuilder().displayName('Time in trouble').desc(true),
    ])
    .overrideByName('State', [
      { id: 'custom.cellOptions', value: { type: 'color-text' } },
      { id: 'mappings', value: [stateNames] },
    ])
    .overrideByName('Time in trouble', [{ id: 'unit', value: 'percentunit' }])
    .overrideByName('Bitrate', [{ id: 'unit', value: 'bps' }])
    .overrideByName('Bitrate expected', [{ id: 'unit', value: 'bps' }])
    .overrideByName('Age of newest sample', [{ id: 'unit', value: 's' }])
    .overrideByName('Stream', [{ id: 'links', value: [narrowTo] }]);
  return { id: 300, title: 'Which stream?', panels: [panel] };
}

const stateNames: dashboard.ValueMap = {
  type: dashboard.MappingType.ValueToText,
  options: {
    '2': { text: 'missing', color: colors.critical, index: 0 },
    '1': { text: 'degraded', color: colors.warning, index: 1 },
    '0': { text: 'well', color: colors.well, index: 2 },
    '-1': { text: 'not pushed', color: colors.none, index: 3 },
  },
};

const narrowTo = {
  title: 'Only this stream',
  url: '/d/livestream-overview?var-datasource=${datasource}&var-account=${__data.fields.Account:percentencode}&var-provider=${__data.fields.Provider:percentencode}&var-domain=${__data.fields.Domain:percentencode}&var-stream=${__data.fields.Stream:percentencode}&${__url_time_range}',
};

function howBad() {
  const leastIsDashed = [
    { id: 'custom.lineStyle', value: { fill: 'dash', dash: [8, 8] } },
    { id: 'custom.lineWidth', value: 1 },
  ];
  const ofTheWorst = 'Of the ten streams that were bad for longest in the time shown.';
  return {
    id: 400,
    title: 'How bad, and since when?',
    panels: [
      graphPanel({
        id: 401,
        title: 'Frames per second',
        description: `${ofTheWorst} Dashed: the least that their config allows.`,
        unit: 'none',
        queries: [
          ['{{stream}}', `${fps} and ${worst}`],
          ['least for {{stream}}', `${minFps} and ${worst}`],
        ],
      })
        .axisLabel('frames/s')
        .overrideByRegexp('^least for ', leastIsDashed),
      graphPanel({
        id: 402,
        title: 'Bitrate',
        description: `${ofTheWorst} Dashed: the least that their config allows. With the frames: the network; without them: the picture, or the encoder.`,
        unit: 'bps',
        queries: [
          ['{{stream}}', `${bitrate} and ${worst}`],
          ['least for {{stream}}', `${minBitrate} and ${worst}`],
        ],
      }).overrideByRegexp('^least for ', leastIsDashed),
    ],
  };
}

function whoActed() {
  const actions = `livestream_control_domain_actions_total{${selected.domain}}[$__rate_interval]`;
  return {
    id: 500,
    title: 'Who did something?',
    panels: [
      statPanel({
        id: 501,
        title: 'Forbidden',
        description: 'Streams that the provider refuses, since somebody forbade them.',
        unit: 'none',
        steps: [{ at: 1, color: colors.warning }],
        expression: `sum(${ofStreams('livestream_control_forbidden')})`,
      }).height(8),
      graphPanel({
        id: 502,
        title: 'Control actions',
        description:
          'Actions that the provider recorded, by domain, at the time at which the exporter learned of them.',
        unit: 'none',
        queries: [['{{action}} at {{domain}}', `sum by (domain, action) (${once(`increase(${actions})`)})`]],
      })
        .span(8)
        .height(8)
        .drawStyle(common.GraphDrawStyle.Bars)
        .fillOpacity(60),
      tablePanel({
        id: 503,
        title: 'Last control actions',
        description: 'The time that the provider gave the last action of each kind, on each stream.',
        unit: 'dateTimeAsIso',
        labels: { stream: 'Stream', domain: 'Domain', app_name: 'App name', action: 'Action' },
        hidden: ['account', 'provider'],
        columns: [
          [
            'Last',
            `1000 * max by (account, provider, domain, app_name, stream, action) (livestream_control_last_action_timestamp_seconds{${selected.stream}})`,
          ],
        ],
      })
        .span(12)
        .height(8)
        .sortBy([new common.TableSortByFieldStateBuilder().displayName('Last').desc(true)])
        .thresholds(thresholds(colors.none, [])),
    ],
  };
}

/** Over every graph; alerts of the exporter itself carry no stream. */
function firingAlerts(): dashboard.AnnotationQueryBuilder {
  return new dashboard.AnnotationQueryBuilder()
    .name('Firing alerts')
    .datasource(datasource)
    .enable(true)
    .iconColor(colors.warning)
    .target(
      new prometheus.DataqueryBuilder()
        .refId('A')
        .datasource(datasource)
        .expr(
          `ALERTS{alertname=~"Livestream.+", alertstate="firing", account=~"$account|", stream=~"$stream|"}`,
        ),
    )
    .titleFormat('{{alertname}}')
    .textFormat('{{stream}}');
}
