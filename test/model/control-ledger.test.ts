import { expect, test } from 'vitest';
import {
  actionLabelOf,
  addAction,
  type ControlLedger,
  isForbidden,
  newControlLedger,
  newDomainLedger,
} from '../../src/model/control-ledger.ts';
import { controlAction } from '../support/actions.ts';
import { noon, streamId } from '../support/samples.ts';

test('starts the counters of forbid, resume and other at 0', () => {
  expect(newDomainLedger().actions).toEqual({
    forbid: { count: 0, lastAt: undefined, leftZero: false },
    resume: { count: 0, lastAt: undefined, leftZero: false },
    other: { count: 0, lastAt: undefined, leftZero: false },
  });
});

test('adds one per action and keeps the newest time in any order', () => {
  const late = addAction({}, 'forbid', controlAction({ actedAt: noon }));
  const both = addAction(late, 'forbid', controlAction({ actedAt: noon - 5000 }));

  expect(both).toEqual({ forbid: { count: 2, lastAt: noon, leftZero: false } });
});

test('counts an action that has the name of an object property', () => {
  const totals = addAction({}, 'constructor', controlAction());

  expect(totals.constructor).toEqual({ count: 1, lastAt: noon, leftZero: false });
});

test('labels actions beyond 30 per account as other', () => {
  const known = new Set(Array.from({ length: 30 }, (_, i) => `action${i}`));

  expect(actionLabelOf('action7', known)).toBe('action7');
  expect(actionLabelOf('something new', known)).toBe('other');
  expect(actionLabelOf('something new', new Set())).toBe('something new');
});

test('reports a stream as forbidden after a forbid until a resume or a newer sample', () => {
  expect(isForbidden(ledger({}), undefined)).toBeUndefined();
  expect(isForbidden(ledger({ kick: noon }), undefined)).toBeUndefined();
  expect(isForbidden(ledger({ forbid: noon }), undefined)).toBe(true);
  expect(isForbidden(ledger({ forbid: noon, resume: noon + 1000 }), undefined)).toBe(false);
  expect(isForbidden(ledger({ forbid: noon + 1000, resume: noon }), undefined)).toBe(true);
  expect(isForbidden(ledger({ resume: noon }), undefined)).toBe(false);
  expect(isForbidden(ledger({ forbid: noon }), noon)).toBe(true);
  expect(isForbidden(ledger({ forbid: noon }), noon + 1)).toBe(false);
});

test('does not know after a forbid and a resume in the same second', () => {
  expect(isForbidden(ledger({ forbid: noon, resume: noon }), undefined)).toBeUndefined();
});

function ledger(lastAt: Readonly<Record<string, number>>): ControlLedger {
  let { actions } = newControlLedger(streamId());
  for (const [action, actedAt] of Object.entries(lastAt)) {
    actions = addAction(actions, action, controlAction({ action, actedAt }));
  }
  return { stream: streamId(), actions };
}

test.each([
  ['says that an unknown stream is forbidden', {}, { isForbidden: true, since: noon }, true],
  ['says that a stream is free', { forbid: noon }, { isForbidden: false, since: noon }, false],
  ['is older than a forbid', { forbid: noon + 1000 }, { isForbidden: false, since: noon }, true],
  ['is older than a resume', { resume: noon + 1000 }, { isForbidden: true, since: noon }, false],
  ['is newer than a resume', { resume: noon }, { isForbidden: true, since: noon + 1000 }, true],
  [
    'is newer than a resume, and its ban older',
    { resume: noon },
    { isForbidden: true, since: noon - 1000, foundAt: noon + 1000 },
    true,
  ],
])('follows a list of forbidden streams that %s', (_, actions, ban, isNow) => {
  const known = { ...ledger(actions), ban: { ...ban, expiresAt: undefined } };

  expect(isForbidden(known, undefined)).toBe(isNow);
});
