import {
  alertSeries,
  exporter,
  type Fleet,
  isDown,
  kindsAt,
  type Labels,
  recorder,
  type Writer,
} from './fleet-history.ts';
import { encodeSeries } from './remote-write.ts';

const bounds = ['0.05', '0.1', '0.25', '0.5', '1', '2.5', '5', '10', '+Inf'];
const delayBounds = ['1', '2.5', '5', '10', '20', '30', '60', '120', '300', '+Inf'];

/** Series of an account and its collector. Its first stream has the same index as the account. */
export function accountWriter(fleet: Fleet, account: number): Writer {
  const accounts = fleet.accounts ?? 2;
  const own = Math.ceil((fleet.streams - account) / accounts);
  const id = { account: `account-${account + 1}`, provider: 'tencent' };
  const operation = { ...id, operation: 'DescribeStreamPushInfoList' };
  const collector = { ...id, collector: 'push_stats' };
  const intervalSeconds = Math.max(5, own / 20);
  const perStep = (own / intervalSeconds) * (fleet.stepMs / 1000);
  const totals = { requests: 0, failures: 0, samples: 0 };
  let succeededAt = (fleet.endMs - fleet.lengthMs) / 1000;
  const record = recorder(fleet);
  const scrape = (time: number): [Labels, number][] => {
    const isBlind = kindsAt(fleet, account, time).has('blind');
    totals.requests += perStep;
    if (isBlind) totals.failures += perStep;
    else {
      succeededAt = time / 1000;
      totals.samples += own;
    }
    const named = (name: string, labels: Labels): Labels => ({ __name__: `livestream_${name}`, ...labels });
    const histogram = (name: string, labels: Labels, list: readonly string[], at: number, count: number) => [
      ...list.map((le): [Labels, number] => [
        named(`${name}_bucket`, { ...labels, le }),
        le === '+Inf' || Number(le) >= at ? count : Number(le) * 2 >= at ? count * 0.7 : 0,
      ]),
      [named(`${name}_sum`, labels), at * count] as [Labels, number],
      [named(`${name}_count`, labels), count] as [Labels, number],
    ];
    return [
      [named('api_requests_total', operation), totals.requests],
      ...['auth', 'refused', 'throttled', 'unavailable', 'malformed', 'internal'].map(
        (kind): [Labels, number] => [
          named('api_request_failures_total', { ...operation, kind }),
          kind === 'auth' ? totals.failures : kind === 'unavailable' ? totals.requests / 50 : 0,
        ],
      ),
      ...histogram('api_request_duration_seconds', operation, bounds, 0.25, totals.requests),
      ...histogram('sample_delay_seconds', id, delayBounds, 10, totals.samples),
      [named('api_budget_requests_per_second', operation), 20],
      [named('collector_targets', collector), own],
      [named('collector_targets', { ...id, collector: 'control_history' }), 0],
      [named('collector_targets_failing', collector), isBlind ? own : 0],
      [named('collector_publishers_dropped', collector), 0],
      [named('collector_last_success_timestamp_seconds', collector), succeededAt],
      [named('collector_newest_sample_timestamp_seconds', collector), succeededAt - 8],
      [named('collector_interval_seconds', collector), intervalSeconds],
      [named('collector_run_duration_seconds', collector), 0.12],
      [named('collector_clock_behind_seconds', collector), 0],
      [named('collector_effective_delay_seconds', collector), 10],
      [named('collector_lag_seconds', collector), 0],
      [named('expected_delay_seconds', collector), 10],
      [named('exporter_clock_offset_seconds', id), 0.2],
      ...['malformed', 'future', 'changed', 'late', 'duplicate'].map((reason): [Labels, number] => [
        named('samples_skipped_total', { ...id, reason }),
        0,
      ]),
      ...['forbid', 'resume', 'other'].map((action): [Labels, number] => [
        named('control_domain_actions_total', { ...id, domain: 'push-1.example.com', action }),
        0,
      ]),
    ];
  };
  return (times) => [
    ...record(times, scrape),
    ...(fleet.incidents ?? [])
      .filter(({ kind, is }) => fleet.hasRules === true && kind === 'blind' && is(account))
      .flatMap(({ fromMs, toMs }) =>
        alertSeries(
          fleet,
          times,
          { ...collector, alertname: 'LivestreamCollectorFailing', severity: 'critical' },
          fromMs,
          toMs,
        ),
      ),
  ];
}

/** Series of the process. */
export function exporterWriter(fleet: Fleet): Writer {
  const record = recorder(fleet);
  const begin = (fleet.endMs - fleet.lengthMs) / 1000;
  const scrape = (time: number): [Labels, number][] => [
    [{ __name__: 'livestream_exporter_build_info', version: '1.0.0', nodeversion: 'v24.15.0' }, 1],
    [{ __name__: 'livestream_streams_dropped' }, 0],
    [{ __name__: 'livestream_exporter_config_last_reload_successful' }, 1],
    [{ __name__: 'livestream_exporter_config_last_reload_success_timestamp_seconds' }, begin],
    [{ __name__: 'livestream_exporter_state_last_save_timestamp_seconds' }, time / 1000 - 1],
    [{ __name__: 'livestream_exporter_state_resets_total' }, 0],
    [{ __name__: 'livestream_exporter_state_recreations_total' }, 0],
    [{ __name__: 'process_start_time_seconds' }, begin],
    [{ __name__: 'process_resident_memory_bytes' }, 180e6 + 20e6 * Math.sin(time / 600_000)],
    [{ __name__: 'nodejs_heap_size_used_bytes' }, 70e6 + 20e6 * Math.sin(time / 300_000)],
    [{ __name__: 'process_cpu_seconds_total' }, (time / 1000 - begin) * 0.08],
    [{ __name__: 'process_open_fds' }, 42],
    [{ __name__: 'process_max_fds' }, 1024],
    [{ __name__: 'nodejs_eventloop_lag_p99_seconds' }, 0.011],
    [{ __name__: 'scrape_duration_seconds' }, 0.02],
    [{ __name__: 'scrape_samples_scraped' }, fleet.streams * 38 + 100],
  ];
  return (times) => {
    const up = times.map((time) => Number(!isDown(fleet, time)));
    const watchdog = encodeSeries(
      { __name__: 'ALERTS', alertname: 'LivestreamWatchdog', alertstate: 'firing', severity: 'none' },
      times,
      times.map(() => 1),
    );
    return [
      ...record(times, scrape),
      encodeSeries({ __name__: 'up', ...exporter }, times, up),
      ...(fleet.hasRules === true ? [watchdog] : []),
    ];
  };
}
