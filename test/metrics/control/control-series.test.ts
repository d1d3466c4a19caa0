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
  begun,
  controlled,
  domainLabels,
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
import { drawTables } from '../../support/exposition.ts';
import { noon } from '../../support/samples.ts';

test('a domain and a stream that something was done to draw all that the contract names', async () => {
  const { series } = setUpControlSeries();
  series.add(target, begun);
  series.setRecord(targetKey, {
    ...withStreams(
      ledger(news, {
        forbid: total(3, { lastAt: noon - 1000 }),
        resume: total(2, { lastAt: noon - 61_000 }),
      }),
    ),
    domain: { actions: { forbid: total(3), resume: total(2), other: total(0) }, gapMs: 90_500 },
  });
  series.setWatermark(targetKey, noon + 500);

  expect(await drawTables(series.tables)).toMatchInlineSnapshot(`
    "# HELP livestream_control_actions_total Actions upon the stream that the provider recorded, each counted once.
    # TYPE livestream_control_actions_total counter
    livestream_control_actions_total{account="aliyun",provider="alibaba",domain="play.example.com",app_name="live",stream="news",action="forbid"} 3
    livestream_control_actions_total{account="aliyun",provider="alibaba",domain="play.example.com",app_name="live",stream="news",action="resume"} 2
    # HELP livestream_control_last_action_timestamp_seconds When the newest of these actions was done, by the provider.
    # TYPE livestream_control_last_action_timestamp_seconds gauge
    livestream_control_last_action_timestamp_seconds{account="aliyun",provider="alibaba",domain="play.example.com",app_name="live",stream="news",action="forbid"} 1772366399
    livestream_control_last_action_timestamp_seconds{account="aliyun",provider="alibaba",domain="play.example.com",app_name="live",stream="news",action="resume"} 1772366339
    # HELP livestream_control_forbidden Whether the stream may not be pushed, by its recorded actions: 1 after a forbid, 0 after a resume. Absent while that is not known.
    # TYPE livestream_control_forbidden gauge
    livestream_control_forbidden{account="aliyun",provider="alibaba",domain="play.example.com",app_name="live",stream="news"} 1
    # HELP livestream_control_domain_actions_total Actions upon any stream of the domain that the provider recorded, each counted once.
    # TYPE livestream_control_domain_actions_total counter
    livestream_control_domain_actions_total{account="aliyun",provider="alibaba",domain="play.example.com",action="forbid"} 3
    livestream_control_domain_actions_total{account="aliyun",provider="alibaba",domain="play.example.com",action="resume"} 2
    livestream_control_domain_actions_total{account="aliyun",provider="alibaba",domain="play.example.com",action="other"} 0
    # HELP livestream_control_gap_seconds_total Time of whose actions the provider could no longer be asked.
    # TYPE livestream_control_gap_seconds_total counter
    livestream_control_gap_seconds_total{account="aliyun",provider="alibaba",domain="play.example.com"} 90.5
    # HELP livestream_control_watermark_timestamp_seconds The provider was asked with success for all actions up to this time; an empty answer counts.
    # TYPE livestream_control_watermark_timestamp_seconds gauge
    livestream_control_watermark_timestamp_seconds{account="aliyun",provider="alibaba",domain="play.example.com"} 1772366400.5
    "
  `);
});

test('before anything happened a domain has its gap and the usual actions at 0, and no watermark', async () => {
  const { series, lines } = setUpControlSeries();

  series.add(target, begun);

  expect(await lines(...Object.values(names))).toEqual([
    `livestream_control_domain_actions_total{${domainLabels},action="forbid"} 0`,
    `livestream_control_domain_actions_total{${domainLabels},action="resume"} 0`,
    `livestream_control_domain_actions_total{${domainLabels},action="other"} 0`,
    `livestream_control_gap_seconds_total{${domainLabels}} 0`,
  ]);
});

test('a stream is forbidden, or free again, and where nobody knows there is no series', async () => {
  const { series, lines } = setUpControlSeries();
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

  // Both in one second.
  series.setRecord(
    targetKey,
    withStreams(ledger(controlled({ stream: 'blocked' }), { forbid: total(1), resume: total(1) })),
  );

  expect(await forbidden()).toEqual([]);
});

test('an action may be called like anything, also like what every object has', async () => {
  const { series, lines } = setUpControlSeries();
  const hostile = ['constructor', '__proto__', 'has"quote\\and\nnewline', ''];
  let actions: ActionTotals = {};
  for (const action of hostile) actions = addAction(actions, action, controlAction());
  const { domain: ledgerOfDomain } = begun;
  const record = {
    ...withStreams(ledger(controlled({ stream: 'a"}\n' }), actions)),
    domain: { ...ledgerOfDomain, actions: { ...ledgerOfDomain.actions, ...actions } },
  };
  series.add(target, begun);

  series.setRecord(targetKey, record);

  const id = `${domainLabels},app_name="live",stream="a\\"}\\n"`;
  expect(await lines(names.actions)).toEqual([
    `livestream_control_actions_total{${id},action="constructor"} 0`,
    `livestream_control_actions_total{${id},action="__proto__"} 0`,
    `livestream_control_actions_total{${id},action="has\\"quote\\\\and\\nnewline"} 0`,
    `livestream_control_actions_total{${id},action=""} 0`,
  ]);
  expect(await lines(names.domainActions)).toHaveLength(3 + hostile.length);
});

describe('what costs work', () => {
  test('a record whose ledgers are the same changes nothing, and only changed ledgers are looked at', () => {
    const { series } = setUpControlSeries();
    const looked: string[] = [];
    const watched = (stream: StreamId, actions: ActionTotals): ControlLedger => ({
      stream,
      get actions() {
        looked.push(stream.stream);
        return actions;
      },
    });
    const [a, b] = [watched(news, { kick: total(1) }), watched(sport, { kick: total(1) })];
    series.add(target, withStreams(a, b));
    const version = series.tables.version();
    looked.length = 0;

    series.setRecord(targetKey, { ...withStreams(a, b), rescannedAt: noon });
    expect(looked).toEqual([]);
    expect(series.tables.version()).toBe(version);

    series.setRecord(targetKey, withStreams(a, watched(sport, { kick: total(2) })));
    expect(new Set(looked)).toEqual(new Set(['sport']));
    expect(series.tables.version()).toBe(version + 1);
  });

  test('of a changed ledger only the totals that changed are looked at', () => {
    const { series } = setUpControlSeries();
    const looked: string[] = [];
    const watched = (action: string, count: number): ActionTotal => ({
      lastAt: noon,
      leftZero: true,
      get count() {
        looked.push(action);
        return count;
      },
    });
    const kick = watched('kick', 1);
    series.add(target, withStreams(ledger(news, { kick, stop: watched('stop', 1) })));
    looked.length = 0;

    series.setRecord(targetKey, withStreams(ledger(news, { kick, stop: watched('stop', 2) })));

    expect(looked).toEqual(['stop']);
  });
});
