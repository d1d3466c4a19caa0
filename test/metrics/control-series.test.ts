import { describe, expect, test } from 'vitest';
import { createBirths } from '../../src/metrics/births.ts';
import { type ControlBirth, parseControlBirth } from '../../src/metrics/control-birth.ts';
import { type ControlSeries, createControlSeries } from '../../src/metrics/control-series.ts';
import {
  type ActionTotal,
  type ActionTotals,
  addAction,
  type ControlLedger,
} from '../../src/model/control-ledger.ts';
import { type ControlRecord, newControlRecord } from '../../src/model/control-record.ts';
import { type StreamId, streamKey } from '../../src/model/stream.ts';
import { controlTargetKey } from '../../src/model/target.ts';
import { controlAction, controlTarget } from '../support/actions.ts';
import { drawTables, linesOf } from '../support/exposition.ts';
import { noon, streamId } from '../support/samples.ts';

const target = controlTarget();
const targetKey = controlTargetKey(target);
const begun = newControlRecord(target, noon);
const domain = 'account="aliyun",provider="alibaba",domain="play.example.com"';
const names = {
  actions: 'livestream_control_actions_total',
  domainActions: 'livestream_control_domain_actions_total',
  lastAction: 'livestream_control_last_action_timestamp_seconds',
  forbidden: 'livestream_control_forbidden',
  gap: 'livestream_control_gap_seconds_total',
  watermark: 'livestream_control_watermark_timestamp_seconds',
};

function setUp() {
  const released: ControlBirth[] = [];
  const births = createBirths((keys) => released.push(...keys.map(parseControlBirth)));
  const series: ControlSeries = createControlSeries({
    births,
    version: () => series.tables.version(),
    elapsed: () => 0,
  });
  const lines = (...wanted: readonly string[]) => linesOf(series.tables, ...wanted);
  const scrape = () => births.answered('curl', series.tables.version(), 0);
  return { series, births, released, lines, scrape };
}

function controlled(part: Partial<StreamId> = {}): StreamId {
  return streamId({ account: 'aliyun', provider: 'alibaba', domain: 'play.example.com', ...part });
}

function total(count: number, part: Partial<ActionTotal> = {}): ActionTotal {
  return { count, lastAt: noon, leftZero: true, ...part };
}

function ledger(stream: StreamId, actions: ActionTotals): ControlLedger {
  return { stream, actions };
}

/** What has happened on the domain by now. */
function withStreams(...ledgers: readonly ControlLedger[]): ControlRecord {
  return { ...begun, streams: new Map(ledgers.map((ledger) => [streamKey(ledger.stream), ledger])) };
}

const news = controlled();
const sport = controlled({ stream: 'sport' });

test('a domain and a stream that something was done to draw all that the contract names', async () => {
  const { series } = setUp();
  series.begin(target, begun);
  series.showRecord(targetKey, {
    ...withStreams(
      ledger(news, {
        forbid: total(3, { lastAt: noon - 1000 }),
        resume: total(2, { lastAt: noon - 61_000 }),
      }),
    ),
    domain: { actions: { forbid: total(3), resume: total(2), other: total(0) }, gapMs: 90_500 },
  });
  series.showWatermark(targetKey, noon + 500);

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
  const { series, lines } = setUp();

  series.begin(target, begun);

  expect(await lines(...Object.values(names))).toEqual([
    `livestream_control_domain_actions_total{${domain},action="forbid"} 0`,
    `livestream_control_domain_actions_total{${domain},action="resume"} 0`,
    `livestream_control_domain_actions_total{${domain},action="other"} 0`,
    `livestream_control_gap_seconds_total{${domain}} 0`,
  ]);
});

test('a stream is forbidden, or free again, and where nobody knows there is no series', async () => {
  const { series, lines } = setUp();
  series.begin(
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
  series.showRecord(
    targetKey,
    withStreams(ledger(controlled({ stream: 'blocked' }), { forbid: total(1), resume: total(1) })),
  );

  expect(await forbidden()).toEqual([]);
});

test('an action may be called like anything, also like what every object has', async () => {
  const { series, lines } = setUp();
  const hostile = ['constructor', '__proto__', 'has"quote\\and\nnewline', ''];
  let actions: ActionTotals = {};
  for (const action of hostile) actions = addAction(actions, action, controlAction());
  const { domain: ledgerOfDomain } = begun;
  const record = {
    ...withStreams(ledger(controlled({ stream: 'a"}\n' }), actions)),
    domain: { ...ledgerOfDomain, actions: { ...ledgerOfDomain.actions, ...actions } },
  };
  series.begin(target, begun);

  series.showRecord(targetKey, record);

  const id = `${domain},app_name="live",stream="a\\"}\\n"`;
  expect(await lines(names.actions)).toEqual([
    `livestream_control_actions_total{${id},action="constructor"} 0`,
    `livestream_control_actions_total{${id},action="__proto__"} 0`,
    `livestream_control_actions_total{${id},action="has\\"quote\\\\and\\nnewline"} 0`,
    `livestream_control_actions_total{${id},action=""} 0`,
  ]);
  expect(await lines(names.domainActions)).toHaveLength(3 + hostile.length);
});

describe('births', () => {
  const ofNews = { targetKey, streamKey: streamKey(news) };
  const ofDomain = { targetKey, streamKey: undefined };

  test('each counter of the domain is born with it, and may leave 0 before anything happened', () => {
    const { series, released, scrape } = setUp();
    series.begin(target, begun);

    scrape();

    expect(released).toEqual([
      { ...ofDomain, action: 'forbid' },
      { ...ofDomain, action: 'resume' },
      { ...ofDomain, action: 'other' },
    ]);
  });

  test('an action that appears is at 0, whatever its count, until its ledger is shown as having left it', async () => {
    const { series, released, scrape, lines } = setUp();
    series.begin(target, begun);
    scrape();
    released.length = 0;

    series.showRecord(
      targetKey,
      withStreams(ledger(news, { forbid: total(4), kick: total(2, { leftZero: false }) })),
    );
    const counts = async () => (await lines(names.actions)).map((line) => /action=.*/.exec(line)?.[0]);
    expect(await counts()).toEqual(['action="forbid"} 4', 'action="kick"} 0']);
    expect(await lines(names.lastAction)).toHaveLength(2);

    scrape();
    expect(released).toEqual([{ ...ofNews, action: 'kick' }]);
    expect(await counts()).toEqual(['action="forbid"} 4', 'action="kick"} 0']);

    series.showRecord(targetKey, withStreams(ledger(news, { forbid: total(4), kick: total(2) })));
    expect(await counts()).toEqual(['action="forbid"} 4', 'action="kick"} 2']);
    scrape();
    expect(released).toHaveLength(1);
  });

  test('an answer made before the birth does not release, since the action is not in it', () => {
    const { series, births, released } = setUp();
    series.begin(target, { ...begun, domain: { actions: {}, gapMs: 0 } });
    const before = series.tables.version();
    series.showRecord(targetKey, withStreams(ledger(news, { kick: total(2, { leftZero: false }) })));

    births.answered('curl', before, 0);

    expect(released).toEqual([]);
  });

  test('what ended is not waited for, and is born anew when it comes back', () => {
    const { series, released, scrape } = setUp();
    const record = withStreams(ledger(news, { kick: total(2, { leftZero: false }) }));
    series.begin(target, record);
    series.end(targetKey);
    scrape();
    expect(released).toEqual([]);

    series.begin(target, record);
    scrape();
    expect(released).toHaveLength(4);
    expect(released).toContainEqual({ ...ofNews, action: 'kick' });
  });
});

describe('what costs work', () => {
  test('a record whose ledgers are the same changes nothing, and only changed ledgers are looked at', () => {
    const { series } = setUp();
    const looked: string[] = [];
    const watched = (stream: StreamId, actions: ActionTotals): ControlLedger => ({
      stream,
      get actions() {
        looked.push(stream.stream);
        return actions;
      },
    });
    const [a, b] = [watched(news, { kick: total(1) }), watched(sport, { kick: total(1) })];
    series.begin(target, withStreams(a, b));
    const version = series.tables.version();
    looked.length = 0;

    series.showRecord(targetKey, { ...withStreams(a, b), sweptAt: noon });
    expect(looked).toEqual([]);
    expect(series.tables.version()).toBe(version);

    series.showRecord(targetKey, withStreams(a, watched(sport, { kick: total(2) })));
    expect(new Set(looked)).toEqual(new Set(['sport']));
    expect(series.tables.version()).toBe(version + 1);
  });

  test('of a changed ledger only the totals that changed are looked at', () => {
    const { series } = setUp();
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
    series.begin(target, withStreams(ledger(news, { kick, stop: watched('stop', 1) })));
    looked.length = 0;

    series.showRecord(targetKey, withStreams(ledger(news, { kick, stop: watched('stop', 2) })));

    expect(looked).toEqual(['stop']);
  });
});

describe('ends', () => {
  test('a stream that left the record ends, and the others stay', async () => {
    const { series, lines } = setUp();
    const stays = ledger(sport, { forbid: total(1) });
    series.begin(target, withStreams(ledger(news, { forbid: total(1), resume: total(1) }), stays));

    series.showRecord(targetKey, withStreams(stays));

    const left = await lines(names.actions, names.lastAction, names.forbidden);
    expect(left).toHaveLength(3);
    expect(left.every((line) => line.includes('stream="sport"'))).toBe(true);
  });

  test('an ended target leaves nothing, and what is told of it later is dropped', async () => {
    const { series } = setUp();
    const record = withStreams(ledger(news, { forbid: total(1) }));
    series.begin(target, record);
    series.showWatermark(targetKey, noon);

    series.end(targetKey);
    series.showRecord(targetKey, record);
    series.showWatermark(targetKey, noon);
    series.end(targetKey);

    expect(await drawTables(series.tables)).toBe('');
  });

  test('rows that were freed are used again, with nothing left of what they showed', async () => {
    const { series, lines } = setUp();
    series.begin(target, withStreams(ledger(news, { forbid: total(7) })));
    series.end(targetKey);

    series.begin(target, withStreams(ledger(sport, { kick: total(1, { lastAt: undefined }) })));

    expect(await lines(names.actions, names.lastAction, names.forbidden, names.watermark)).toEqual([
      `livestream_control_actions_total{${domain},app_name="live",stream="sport",action="kick"} 1`,
    ]);
  });

  test('a ledger that began again has only the actions that are in it', async () => {
    const { series, lines } = setUp();
    series.begin(target, withStreams(ledger(news, { forbid: total(7), resume: total(7) })));

    series.showRecord(targetKey, withStreams(ledger(news, { resume: total(1, { leftZero: false }) })));

    expect(await lines(names.actions)).toEqual([
      `livestream_control_actions_total{${domain},app_name="live",stream="news",action="resume"} 0`,
    ]);
  });

  test('a target is begun once', () => {
    const { series } = setUp();
    series.begin(target, begun);

    expect(() => series.begin(target, begun)).toThrow('shown already');
  });
});

test('a stream that two targets tell of is drawn once, and by the other one when the first ends', async () => {
  const { series, lines } = setUp();
  const other = controlTarget({ domain: 'mirror.example.com' });
  const record = withStreams(ledger(news, { forbid: total(2) }));
  series.begin(target, withStreams(ledger(news, { forbid: total(1) })));
  series.begin(other, record);
  const count = async () => (await lines(names.actions)).map((line) => line.split(' ').at(-1));
  expect(await count()).toEqual(['1']);

  series.end(targetKey);
  series.showRecord(controlTargetKey(other), { ...record });

  expect(await count()).toEqual(['2']);
});
