import { expect, test } from 'vitest';
import {
  controlCards,
  type StatusPageAction,
  type StatusPageDomain,
} from '../../src/server/control-cards.ts';

const now = Date.UTC(2026, 2, 1, 12);

test('without a watched domain there is no card', () => {
  expect(controlCards({ now, domains: [], actions: [action()] })).toBeUndefined();
});

test('an action says what was done to which stream, and when', () => {
  expect(
    words([domain()], [action(), action({ action: 'resume', at: '2026-03-01T11:00:00.000Z' })]),
  ).toContain(
    'forbidden news aliyun · play.example.com/live 30 s ago 2026-03-01 11:59:30 UTC ' +
      'resumed news aliyun · play.example.com/live 60 min ago 2026-03-01 11:00:00 UTC',
  );
});

test('a word that no document lists is shown as it is, and steers nothing', () => {
  const text = drawn([domain()], [action({ action: '<b>kick</b>', stream: '<script>' })]);

  expect(text).toContain('<bdi>&lt;b&gt;kick&lt;/b&gt;</bdi>');
  expect(text).not.toContain('<script>');
});

test('no action is a finding about the time that was asked about, and no answer is none', () => {
  expect(words([domain()], [])).toContain('None in the last 10 min.');
  expect(words([domain({ known_from_at: '2026-02-28T11:00:00.000Z' })], [])).toContain(
    'None in the last day.',
  );
  expect(words([domain({ last_failure: { kind: 'unavailable', message: 'no answer' } })], [])).toContain(
    'None in the last 10 min, as far as answers came.',
  );
  expect(words([domain({ watermark_age_seconds: 600 })], [])).toContain(
    'None in the last 10 min, as far as answers came.',
  );
  expect(words([domain({ watermark_age_seconds: null, known_from_at: null })], [])).toContain(
    'Not known yet: no domain has been answered for.',
  );
});

test('domains that fail come first, with why', () => {
  const text = words(
    [
      domain({ domain: 'well.example.com' }),
      domain({ domain: 'ill.example.com', last_failure: { kind: 'auth', message: 'grant it' } }),
    ],
    [],
  );

  expect(text.indexOf('ill.example.com')).toBeLessThan(text.indexOf('well.example.com'));
  expect(text).toContain('auth: grant it');
});

test('of many actions six are shown, and where the others are', () => {
  const text = words(
    [domain()],
    Array.from({ length: 9 }, () => action()),
  );

  expect(text.match(/forbidden/g)).toHaveLength(6);
  expect(text).toContain('Earlier ones are in the JSON');
});

function action(part: Partial<StatusPageAction> = {}): StatusPageAction {
  return {
    at: '2026-03-01T11:59:30.000Z',
    account: 'aliyun',
    domain: 'play.example.com',
    app_name: 'live',
    stream: 'news',
    action: 'forbid',
    ...part,
  };
}

function domain(part: Partial<StatusPageDomain> = {}): StatusPageDomain {
  return {
    account: 'aliyun',
    domain: 'play.example.com',
    app_name: '',
    watermark_age_seconds: 5,
    known_from_at: '2026-03-01T11:50:00.000Z',
    gap_seconds: 0,
    last_failure: null,
    ...part,
  };
}

function drawn(domains: readonly StatusPageDomain[], actions: readonly StatusPageAction[]): string {
  return controlCards({ now, domains, actions })?.markup ?? '';
}

/** Without tags. */
function words(domains: readonly StatusPageDomain[], actions: readonly StatusPageAction[]): string {
  return drawn(domains, actions)
    .replace(/<[^>]*>/g, ' ')
    .replace(/\s+/g, ' ');
}
