import { expect, test } from 'vitest';
import { createForbiddenAlerts } from '../../src/collectors/forbidden-alerts.ts';
import { addAction, type ControlLedger, newControlLedger } from '../../src/model/control-ledger.ts';
import { type ControlRecord, newControlRecord } from '../../src/model/control-record.ts';
import { streamKey } from '../../src/model/stream.ts';
import { noAlerts, type StreamAlert } from '../../src/model/stream-alert.ts';
import { createAlertSet } from '../../src/posting/alert-set.ts';
import { controlAction, controlTarget } from '../support/actions.ts';
import { noon, streamId } from '../support/samples.ts';

const minute = 60_000;

function setUp() {
  const changes: string[] = [];
  const set = createAlertSet({
    onChanged(id) {
      const alert = set.get(id);
      if (alert === undefined) return;
      const { name, stream, since } = alert.alert;
      const state = alert.resolvedAt === undefined ? 'fires' : 'ends';
      changes.push(`${name} ${stream.stream} ${state} ${(since - noon) / minute}`);
    },
    onForgotten: () => undefined,
    clock: { now: () => noon, elapsed: () => 0 },
  });
  set.setOn(true);
  const alerts = createForbiddenAlerts(set.sink, (key) =>
    key === streamKey(news) ? { channel: 'sport' } : {},
  );
  alerts.add('key');
  return { changes, set, alerts };
}

const news = streamId({ stream: 'news' });
const target = controlTarget();

/** Ledger of a stream with these actions, in minutes after noon. */
function ledgerOf(stream: string, actions: readonly (readonly [string, number])[]): ControlLedger {
  return {
    ...newControlLedger(streamId({ stream })),
    actions: actions.reduce(
      (totals, [action, at]) => addAction(totals, action, controlAction({ actedAt: noon + at * minute })),
      newControlLedger(news).actions,
    ),
  };
}

function recordOf(ledgers: readonly ControlLedger[], watermark = noon): ControlRecord {
  const record = newControlRecord(target, noon);
  return {
    ...record,
    target: { ...record.target, watermark },
    streams: new Map(ledgers.map((ledger) => [streamKey(ledger.stream), ledger])),
  };
}

test('fires from the time of the forbid, with the labels of the config, and ends with the resume', () => {
  const { changes, alerts, set } = setUp();

  alerts.set(
    'key',
    recordOf([ledgerOf('news', [['forbid', -3]]), ledgerOf('other', [['resume', -3]])]),
    noon,
  );
  const [id = ''] = [...set.ids()];
  expect(set.get(id)?.labels).toMatchObject({ alertname: 'LivestreamForbidden', channel: 'sport' });
  alerts.set(
    'key',
    recordOf([
      ledgerOf('news', [
        ['forbid', -3],
        ['resume', -1],
      ]),
    ]),
    noon,
  );

  expect(changes).toEqual(['LivestreamForbidden news fires -3', 'LivestreamForbidden news ends -3']);
});

test('takes the start of a ban for the start of the alert', () => {
  const { changes, alerts } = setUp();
  const ban = { isForbidden: true, since: noon - 2 * minute, expiresAt: undefined };

  alerts.set(
    'key',
    recordOf([
      {
        ...ledgerOf('news', [
          ['forbid', -9],
          ['resume', -5],
        ]),
        ban,
      },
    ]),
    noon,
  );

  expect(changes).toEqual(['LivestreamForbidden news fires -2']);
});

test('lets an unknown state neither raise nor end an alert', () => {
  const { changes, alerts } = setUp();
  const unknown = ledgerOf('news', [
    ['forbid', -2],
    ['resume', -2],
  ]);

  alerts.set('key', recordOf([unknown]), noon);
  expect(changes).toEqual([]);
  alerts.set('key', recordOf([ledgerOf('news', [['forbid', -3]])]), noon);
  alerts.set('key', recordOf([unknown]), noon);

  expect(changes).toEqual(['LivestreamForbidden news fires -3']);
});

test('changes nothing during a catch-up', () => {
  const { changes, alerts } = setUp();
  const forbidden = recordOf([ledgerOf('news', [['forbid', -60]])], noon - 10 * minute);

  alerts.set('key', forbidden, noon);
  expect(changes).toEqual([]);
  alerts.set('key', { ...forbidden, target: { ...forbidden.target, watermark: noon } }, noon);

  expect(changes).toEqual(['LivestreamForbidden news fires -60']);
});

test('ends the alerts of streams and domains that are gone', () => {
  const { changes, alerts } = setUp();
  const forbidden = ['a', 'b'].map((stream) => ledgerOf(stream, [['forbid', -1]]));
  alerts.set('key', recordOf(forbidden), noon);

  alerts.set('key', recordOf(forbidden.slice(1)), noon);
  alerts.remove('key');

  expect(changes.slice(2)).toEqual(['LivestreamForbidden a ends -1', 'LivestreamForbidden b ends -1']);
});

test('fires nothing of a domain that was removed during a request', () => {
  const { changes, alerts } = setUp();
  const forbidden = recordOf([ledgerOf('news', [['forbid', -1]])]);
  alerts.remove('key');

  alerts.set('key', forbidden, noon);
  expect(changes).toEqual([]);
  alerts.add('key');
  alerts.set('key', forbidden, noon);

  expect(changes).toEqual(['LivestreamForbidden news fires -1']);
});

test('fires again after posting was switched off and on', () => {
  const { changes, alerts, set } = setUp();
  const record = recordOf([ledgerOf('news', [['forbid', -1]])]);
  alerts.set('key', record, noon);
  set.setOn(false);
  alerts.set('key', record, noon);
  set.setOn(true);

  alerts.set('key', record, noon);

  expect(changes).toEqual(['LivestreamForbidden news fires -1', 'LivestreamForbidden news fires -1']);
});

test('sets an alert again only if its stream or its labels have changed', () => {
  const labels = { channel: 'sport' };
  let labelsOfNews = labels;
  const fired: string[] = [];
  const sink = {
    ...noAlerts,
    isOn: () => true,
    fire: (_: string, { stream, labels: own }: StreamAlert) => fired.push(`${stream.stream} ${own.channel}`),
  };
  const alerts = createForbiddenAlerts(sink, (key) => (key === streamKey(news) ? labelsOfNews : labels));
  alerts.add('key');
  const [first, other] = ['news', 'other'].map((name) => ledgerOf(name, [['forbid', -3]]));
  if (first === undefined || other === undefined) throw new Error('no ledgers');

  alerts.set('key', recordOf([first, other]), noon);
  alerts.set('key', recordOf([first, other]), noon);
  alerts.set('key', recordOf([first, { ...other }]), noon);
  labelsOfNews = { channel: 'music' };
  alerts.set('key', recordOf([first, other]), noon);

  expect(fired).toEqual(['news sport', 'other sport', 'other sport', 'other sport', 'news music']);
});
