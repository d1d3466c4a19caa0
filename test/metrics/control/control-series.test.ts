import { describe, expect, test } from 'vitest';
import {
  type ActionTotal,
  type ActionTotals,
  addAction,
  type ControlLedger,
} from '../../../src/model/control-ledger.ts';
import type { StreamId } from '../../../src/model/stream.ts';
import { controlAction } from '../../support/actions.ts';
import {
  controlled,
  domainLabels,
  initialRecord,
  ledger,
  names,
  news,
  setUpControlSeries,
  sport,
  target,
  targetKey,
  total,
  withStreams,
} from '../../support/control-series.ts';
import { renderTables } from '../../support/exposition.ts';
import { noon } from '../../support/samples.ts';

test('renders every control metric of the contract for a domain and a stream', async () => {
  const { series, setCounted } = setUpControlSeries();
  series.add(target, initialRecord);
  setCounted({
    ...withStreams(
      ledger(news, {
        forbid: total(3, { lastAt: noon - 1000 }),
        resume: total(2, { lastAt: noon - 61_000 }),
      }),
    ),
    domain: { actions: { forbid: total(3), resume: total(2), other: total(0) }, gapMs: 90_500 },
  });
  series.setWatermark(targetKey, noon + 500);

  expect(await renderTables(series.tables)).toMatchInlineSnapshot(`
    "# HELP livestream_control_actions_total Total number of control actions (such as forbid and resume) that the provider recorded for the stream, or that the ends of its pushes and the list of forbidden streams show, by action, each counted once.
    # TYPE livestream_control_actions_total counter
    livestream_control_actions_total{account="aliyun",provider="alibaba",domain="play.example.com",app_name="live",stream="news",action="forbid"} 3
    livestream_control_actions_total{account="aliyun",provider="alibaba",domain="play.example.com",app_name="live",stream="news",action="resume"} 2
    # HELP livestream_control_last_action_timestamp_seconds Timestamp of the newest control action on the stream, by action, in Unix seconds, as recorded by the provider. If only the list of forbidden streams shows a resume, this is the time of the first list without the ban.
    # TYPE livestream_control_last_action_timestamp_seconds gauge
    livestream_control_last_action_timestamp_seconds{account="aliyun",provider="alibaba",domain="play.example.com",app_name="live",stream="news",action="forbid"} 1772366399
    livestream_control_last_action_timestamp_seconds{account="aliyun",provider="alibaba",domain="play.example.com",app_name="live",stream="news",action="resume"} 1772366339
    # HELP livestream_control_forbidden Whether pushing the stream is forbidden: 1 while the list of forbidden streams contains it, otherwise 0. Without such a list, the newest control action or the requested state of the stream determines the value: 1 after a forbid, 0 after a resume or if the state is not forbidden; a forbid that expires without a resume stays 1. The series is absent if the exporter knows no forbid, no resume and no ban of the stream, or if the newest forbid and the newest resume happened in the same second.
    # TYPE livestream_control_forbidden gauge
    livestream_control_forbidden{account="aliyun",provider="alibaba",domain="play.example.com",app_name="live",stream="news"} 1
    # HELP livestream_control_domain_actions_total Total number of control actions (such as forbid and resume) that the provider recorded for all streams of the domain together, or that the ends of pushes and the list of forbidden streams show, by action, each counted once.
    # TYPE livestream_control_domain_actions_total counter
    livestream_control_domain_actions_total{account="aliyun",provider="alibaba",domain="play.example.com",action="forbid"} 3
    livestream_control_domain_actions_total{account="aliyun",provider="alibaba",domain="play.example.com",action="resume"} 2
    livestream_control_domain_actions_total{account="aliyun",provider="alibaba",domain="play.example.com",action="other"} 0
    # HELP livestream_control_gap_seconds_total Total time in seconds whose control actions are not counted, because the provider no longer retains them or because the domain was not in the config.
    # TYPE livestream_control_gap_seconds_total counter
    livestream_control_gap_seconds_total{account="aliyun",provider="alibaba",domain="play.example.com"} 90.5
    # HELP livestream_control_watermark_timestamp_seconds Timestamp up to which the exporter has requested the control actions of the domain, in Unix seconds: the end of the time range of the last successful request, even if the response was empty. The series is absent before the first successful request.
    # TYPE livestream_control_watermark_timestamp_seconds gauge
    livestream_control_watermark_timestamp_seconds{account="aliyun",provider="alibaba",domain="play.example.com"} 1772366400.5
    "
  `);
});

test('exposes the gap and the default actions of a new domain at 0, without a watermark', async () => {
  const { series, lines } = setUpControlSeries();

  series.add(target, initialRecord);

  expect(await lines(...Object.values(names))).toEqual([
    `livestream_control_domain_actions_total{${domainLabels},action="forbid"} 0`,
    `livestream_control_domain_actions_total{${domainLabels},action="resume"} 0`,
    `livestream_control_domain_actions_total{${domainLabels},action="other"} 0`,
    `livestream_control_gap_seconds_total{${domainLabels}} 0`,
  ]);
});

test('exposes 1 after a forbid, 0 after a resume, and no series if unknown', async () => {
  const { series, lines, setCounted } = setUpControlSeries();
  series.add(
    target,
    withStreams(
      ledger(controlled({ stream: 'blocked' }), { forbid: total(1) }),
      ledger(controlled({ stream: 'free' }), { resume: total(1) }),
      ledger(controlled({ stream: 'kicked' }), { kick: total(1) }),
    ),
  );
  const forbidden = async () =>
    (await lines(names.forbidden)).map((line) => /stream="(\w+)"} (\d)/.exec(line)?.slice(1));
  expect(await forbidden()).toEqual([
    ['blocked', '1'],
    ['free', '0'],
  ]);

  // Both in the same second.
  setCounted(withStreams(ledger(controlled({ stream: 'blocked' }), { forbid: total(1), resume: total(1) })));

  expect(await forbidden()).toEqual([]);
});

test('accepts any action name, including names of object properties', async () => {
  const { series, lines, setCounted } = setUpControlSeries();
  const hostile = ['constructor', '__proto__', 'has"quote\\and\nnewline', ''];
  let actions: ActionTotals = {};
  for (const action of hostile) actions = addAction(actions, action, controlAction());
  const { domain: ledgerOfDomain } = initialRecord;
  const record = {
    ...withStreams(ledger(controlled({ stream: 'a"}\n' }), actions)),
    domain: { ...ledgerOfDomain, actions: { ...ledgerOfDomain.actions, ...actions } },
  };
  series.add(target, initialRecord);

  setCounted(record);

  const id = `${domainLabels},app_name="live",stream="a\\"}\\n"`;
  expect(await lines(names.actions)).toEqual([
    `livestream_control_actions_total{${id},action="constructor"} 0`,
    `livestream_control_actions_total{${id},action="__proto__"} 0`,
    `livestream_control_actions_total{${id},action="has\\"quote\\\\and\\nnewline"} 0`,
    `livestream_control_actions_total{${id},action=""} 0`,
  ]);
  expect(await lines(names.domainActions)).toHaveLength(3 + hostile.length);
});

test('exposes the gauges of an action with the answer, and its counter after the save', async () => {
  const { series, lines } = setUpControlSeries();
  series.add(target, initialRecord);
  const record = withStreams(ledger(news, { forbid: total(1) }));
  const shown = async () =>
    (await lines(names.actions, names.lastAction, names.forbidden)).map((line) => line.split('{')[0]);

  series.setView(targetKey, record);
  expect(await shown()).toEqual([names.lastAction, names.forbidden]);

  series.setRecord(targetKey, record);
  expect(await shown()).toEqual([names.actions, names.lastAction, names.forbidden]);
});

test('exposes the gauges of the newest answer, even if an older record is saved afterwards', async () => {
  const { series, lines } = setUpControlSeries();
  series.add(target, initialRecord);
  const older = withStreams(ledger(news, { forbid: total(1) }), ledger(sport, { forbid: total(1) }));
  const newer = withStreams(ledger(news, { forbid: total(2), resume: total(1, { lastAt: noon + 1000 }) }));

  series.setView(targetKey, newer);
  series.setRecord(targetKey, older);

  expect((await lines(names.forbidden)).map((line) => line.split(' ').at(-1))).toEqual(['0']);
  expect((await lines(names.actions)).map((line) => /stream=.*/.exec(line)?.[0])).toEqual([
    'stream="news",action="forbid"} 1',
  ]);
});

describe('work per update', () => {
  test('reads only changed ledgers, and an unchanged record is a no-op', () => {
    const { series, setCounted } = setUpControlSeries();
    const reads: string[] = [];
    const watched = (stream: StreamId, actions: ActionTotals): ControlLedger => ({
      stream,
      get actions() {
        reads.push(stream.stream);
        return actions;
      },
    });
    const [a, b] = [watched(news, { kick: total(1) }), watched(sport, { kick: total(1) })];
    series.add(target, withStreams(a, b));
    const version = series.tables.version();
    reads.length = 0;

    setCounted({ ...withStreams(a, b), rescannedAt: noon });
    expect(reads).toEqual([]);
    expect(series.tables.version()).toBe(version);

    setCounted(withStreams(a, watched(sport, { kick: total(2) })));
    expect(new Set(reads)).toEqual(new Set(['sport']));
    expect(series.tables.version()).toBe(version + 1);
  });

  test('reads only the changed totals of a changed ledger', () => {
    const { series, setCounted } = setUpControlSeries();
    const reads: string[] = [];
    const watched = (action: string, count: number): ActionTotal => ({
      lastAt: noon,
      leftZero: true,
      get count() {
        reads.push(action);
        return count;
      },
    });
    const kick = watched('kick', 1);
    series.add(target, withStreams(ledger(news, { kick, stop: watched('stop', 1) })));
    reads.length = 0;

    setCounted(withStreams(ledger(news, { kick, stop: watched('stop', 2) })));

    expect(reads).toEqual(['stop']);
  });
});
