import { expect, test } from 'vitest';
import type { ControlAction } from '../../src/model/control-action.ts';
import { countActions, newControlRecord, nextControlStep } from '../../src/model/control-record.ts';
import { createNewestActions, toDomainView } from '../../src/status/control-view.ts';
import type { DomainInput } from '../../src/status/inputs.ts';
import { controlAction, controlTarget } from '../support/actions.ts';
import { noon } from '../support/samples.ts';

const target = controlTarget({ appName: 'live' });

test('returns all applications of a domain that is requested by application', () => {
  const several = controlTarget({ appNames: ['live', 'show'] });

  expect(
    toDomainView({ target: several, record: undefined, failure: undefined }, 'actions', noon),
  ).toMatchObject({
    app_name: 'live, show',
  });
});

test('returns the watermark of a polled domain, and the start of its known actions', () => {
  expect(toDomainView(polledDomain([]), 'list', noon + 5000)).toEqual({
    account: 'aliyun',
    provider: 'alibaba',
    domain: 'play.example.com',
    app_name: 'live',
    watermark_at: '2026-03-01T12:00:00.000Z',
    watermark_age_seconds: 5,
    known_from_at: '2026-03-01T11:48:30.000Z',
    gap_seconds: 0,
    forbidden_from: 'list',
    last_failure: null,
  });
});

test('returns only the failure of a domain that never succeeded', () => {
  const failure = { kind: 'auth', message: 'alibaba X: grant the RAM user live:X', at: noon };

  expect(
    toDomainView({ target, record: newControlRecord(target, noon), failure }, undefined, noon),
  ).toMatchObject({
    watermark_at: null,
    watermark_age_seconds: null,
    known_from_at: null,
    forbidden_from: null,
    last_failure: { kind: 'auth', message: failure.message, at: '2026-03-01T12:00:00.000Z' },
  });
});

test('returns the newest actions first, identical actions as often as they were counted, without addresses', () => {
  const views = newestActions(
    [
      polledDomain([
        controlAction({ actedAt: noon - 60_000 }),
        controlAction({ actedAt: noon - 30_000, action: 'resume', clientIp: '203.0.113.5' }),
      ]),
      polledDomain([
        controlAction({ actedAt: noon - 45_000, stream: 'sport' }),
        controlAction({ actedAt: noon - 45_000, stream: 'sport' }),
      ]),
    ],
    noon,
  );

  expect(views.map(({ at, stream, action }) => [at.slice(11, 19), stream, action])).toEqual([
    ['11:59:30', 'news', 'resume'],
    ['11:59:15', 'sport', 'forbid'],
    ['11:59:15', 'sport', 'forbid'],
    ['11:59:00', 'news', 'forbid'],
  ]);
  expect(JSON.stringify(views)).not.toContain('203.0.113.5');
});

test('returns the newest 50 of many actions', () => {
  const actions = Array.from({ length: 3000 }, (_, i) =>
    controlAction({ actedAt: noon - (i % 600) * 1000, stream: `s${i}` }),
  );

  const views = newestActions([polledDomain(actions)], noon);

  expect(views).toHaveLength(50);
  expect(new Set(views.map(({ at }) => at))).toHaveLength(10);
});

test('returns the newest actions of many domains', () => {
  const domains = Array.from({ length: 3000 }, (_, i) =>
    polledDomain([controlAction({ actedAt: noon - ((i * 7) % 3000) * 100, stream: `s${i}` })]),
  );

  const views = newestActions(domains, noon);

  expect(views.map(({ at }) => at)).toEqual(
    Array.from({ length: 50 }, (_, i) => new Date(noon - i * 100).toISOString()),
  );
});

test('omits actions older than a day, even if the ledger still has them', () => {
  expect(newestActions([polledDomain([controlAction({ actedAt: noon })])], noon + 86_400_000)).toEqual([]);
});

function newestActions(domains: readonly DomainInput[], now: number) {
  const actions = createNewestActions(now);
  for (const domain of domains) actions.add(domain);
  return actions.views();
}

function polledDomain(actions: readonly ControlAction[]): DomainInput {
  const record = newControlRecord(target, noon - 60_000);
  const limits = { spanMs: 604_800_000, retentionMs: 604_800_000 };
  const step = nextControlStep(record, target, limits, noon);
  const bounds = { now: noon, actionLabels: new Set<string>() };
  return { target, record: countActions(record, step, target, bounds, actions).record, failure: undefined };
}
