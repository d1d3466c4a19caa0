import { alertTable } from '../alerts.ts';
import { colors, noneIsGood } from '../colors.ts';
import type { Options } from '../frame.ts';
import { graphPanel } from '../panels.ts';
import { tablePanel } from '../tables.ts';
import { type Say, same } from '../text.ts';
import { absent, links, words } from '../texts.ts';
import { byInstance, ofExporter } from './queries.ts';
import { exporterTexts as texts } from './texts.ts';

/** The processes: versions, saved state, memory, CPU, and their alerts. */
export function process(say: Say, options: Options) {
  const place = { width: 12, height: 8, isOpen: true };
  const { columns, legends } = texts;
  const info = ofExporter('livestream_exporter_build_info');
  return [
    tablePanel(say, {
      id: 401,
      text: texts.exporters,
      unit: 'none',
      width: 24,
      height: 6,
      keys: ['instance'],
      columns: [
        {
          title: words.instance,
          width: 180,
          label: 'instance',
          isFlexible: true,
          link: {
            title: say(links.statusPage),
            url: 'http://${__data.fields.instance}/',
            targetBlank: true,
          },
        },
        {
          title: columns.uptime,
          width: 110,
          expr: `time() - ${byInstance(ofExporter('process_start_time_seconds'))}`,
          unit: 's',
          decimals: 0,
        },
        {
          title: columns.version,
          width: 130,
          expr: `max by (instance, version) (${info})`,
          info: 'version',
        },
        {
          title: columns.node,
          width: 110,
          expr: `max by (instance, nodeversion) (${info})`,
          info: 'nodeversion',
        },
        {
          title: columns.configAge,
          width: 110,
          expr: `time() - ${byInstance(ofExporter('livestream_exporter_config_last_reload_success_timestamp_seconds'))}`,
          unit: 's',
          decimals: 0,
        },
        {
          title: columns.resets,
          width: 120,
          expr: byInstance(ofExporter('livestream_exporter_state_resets_total')),
          steps: noneIsGood(colors.critical),
        },
        {
          title: columns.recreations,
          width: 120,
          expr: byInstance(ofExporter('livestream_exporter_state_recreations_total')),
          steps: noneIsGood(colors.warning),
        },
        {
          title: columns.dropped,
          width: 150,
          expr: byInstance(ofExporter('livestream_streams_dropped')),
          steps: noneIsGood(colors.warning),
        },
      ],
      sortBy: [columns.uptime],
    }),
    graphPanel(say, {
      ...place,
      id: 402,
      text: texts.memory,
      unit: 'bytes',
      lines: [
        { legend: legends.resident, expr: byInstance(ofExporter('process_resident_memory_bytes')) },
        { legend: legends.heap, expr: byInstance(ofExporter('nodejs_heap_size_used_bytes')) },
      ],
    }),
    graphPanel(say, {
      ...place,
      id: 403,
      text: texts.cpu,
      unit: 'percentunit',
      lines: [
        {
          legend: same('{{instance}}'),
          expr: byInstance(`rate(${ofExporter('process_cpu_seconds_total')}[$__rate_interval])`),
        },
      ],
    }),
    graphPanel(say, {
      ...place,
      id: 404,
      text: texts.loop,
      unit: 's',
      lines: [
        { legend: legends.loop, expr: byInstance(ofExporter('nodejs_eventloop_lag_p99_seconds')) },
        {
          legend: legends.scrape,
          expr: `${byInstance(ofExporter('scrape_duration_seconds'))} and on (instance) ${info}`,
        },
      ],
    }),
    graphPanel(say, {
      ...place,
      id: 405,
      text: texts.files,
      unit: 'none',
      lines: [
        { legend: legends.open, expr: byInstance(ofExporter('process_open_fds')) },
        { legend: legends.max, expr: byInstance(ofExporter('process_max_fds')), isLimit: true },
      ],
    }),
    tablePanel(say, {
      id: 407,
      text: texts.alertmanagers,
      unit: 'none',
      width: 12,
      height: 6,
      noValue: absent.noPosting,
      keys: ['instance', 'alertmanager'],
      columns: [
        {
          title: columns.posts,
          width: 80,
          expr: `sum by (instance, alertmanager) (increase(${ofExporter('livestream_alertmanager_posts_total')}[$__range]))`,
          decimals: 0,
        },
        {
          title: columns.failed,
          width: 80,
          expr: `sum by (instance, alertmanager) (increase(${ofExporter('livestream_alertmanager_post_failures_total')}[$__range]))`,
          decimals: 0,
          steps: noneIsGood(colors.warning),
        },
        {
          title: columns.success,
          width: 100,
          expr: `time() - max by (instance, alertmanager) (${ofExporter('livestream_alertmanager_last_success_timestamp_seconds')})`,
          unit: 's',
          decimals: 0,
          noValue: absent.none,
        },
        { title: same('Alertmanager'), width: 170, label: 'alertmanager', isFlexible: true },
        { title: words.instance, width: 150, label: 'instance', isFlexible: true },
      ],
      sortBy: [columns.failed],
    }),
    graphPanel(say, {
      id: 408,
      text: texts.posted,
      unit: 'none',
      width: 12,
      height: 6,
      isOpen: true,
      noValue: absent.noPosting,
      lines: [
        {
          legend: same('{{alert}}'),
          expr: `max by (alert) (max_over_time(${ofExporter('livestream_alerts_active')}[$__rate_interval]))`,
        },
      ],
    }),
    alertTable(say, options, {
      id: 406,
      text: texts.alertTable,
      width: 24,
      height: 6,
      matchers: 'account=~"$account|", stream=""',
      hasStream: false,
    }),
  ];
}
