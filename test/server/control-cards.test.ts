import { expect, test } from 'vitest';
import { controlCards, forbiddenCard } from '../../src/server/control-cards.ts';
import { english } from '../../src/server/words-en.ts';
import type { ControlActionView, DomainView } from '../../src/status/control-view.ts';
import type { ForbiddenStreamView } from '../../src/status/forbidden.ts';
import { inOneSlice } from '../support/slices.ts';

const now = '2026-03-01T12:00:00.000Z';
const forbidden = { total: 0, streams: [] };

test('renders nothing if no domain is configured', async () => {
  const status = { now, forbidden, domains: [], control_actions: [action()] };

  expect(await controlCards(status, english, inOneSlice)).toBeUndefined();
});

test('shows the action, the stream and the time', async () => {
  expect(
    await textOf([domain()], [action(), action({ action: 'resume', at: '2026-03-01T11:00:00.000Z' })]),
  ).toContain(
    'forbidden news aliyun · play.example.com/live 30 s ago 11:59:30 UTC ' +
      'resumed news aliyun · play.example.com/live 60 min ago 11:00:00 UTC',
  );
});

test('shows an undocumented action verbatim and escaped', async () => {
  const text = await render([domain()], [action({ action: '<b>kick</b>', stream: '<script>' })]);

  expect(text).toContain('<bdi>&lt;b&gt;kick&lt;/b&gt;</bdi>');
  expect(text).not.toContain('<script>');
});

test('states the time range without actions, and whether its data is complete', async () => {
  expect(await textOf([domain()], [])).toContain('No action in the last 10 min.');
  expect(await textOf([domain({ known_from_at: '2026-02-28T11:00:00.000Z' })], [])).toContain(
    'No action in the last 24 h.',
  );
  expect(
    await textOf([domain({ last_failure: { kind: 'unavailable', message: 'no response', at: '' } })], []),
  ).toContain('No action in the last 10 min, but some domains have no recent data.');
  expect(await textOf([domain({ watermark_age_seconds: 600 })], [])).toContain(
    'No action in the last 10 min, but some domains have no recent data.',
  );
  expect(await textOf([domain({ watermark_age_seconds: null, known_from_at: null })], [])).toContain(
    'Unknown: no request has succeeded yet.',
  );
});

test('does not say that a domain without an answer has no gap', async () => {
  const gapOf = async (part: Partial<DomainView>) =>
    /data-label="Uncounted time">(.*?)<\/td>/.exec(await render([domain(part)], []))?.[1];

  expect(await gapOf({})).toBe('<span class="quiet">none</span>');
  expect(await gapOf({ gap_seconds: 60 })).toBe('60\u00a0s');
  expect(await gapOf({ watermark_at: null, watermark_age_seconds: null })).toBe(
    '<span class="quiet">–</span>',
  );
});

test('lists failing domains first, with their failure', async () => {
  const text = await textOf(
    [
      domain({ domain: 'healthy.example.com' }),
      domain({ domain: 'failing.example.com', last_failure: { kind: 'auth', message: 'grant it', at: '' } }),
    ],
    [],
  );

  expect(text.indexOf('failing.example.com')).toBeLessThan(text.indexOf('healthy.example.com'));
  expect(text).toContain('auth: grant it');
});

test('shows six actions and links to the others', async () => {
  const text = await textOf(
    [domain()],
    Array.from({ length: 9 }, () => action()),
  );

  expect(text.match(/forbidden/g)).toHaveLength(6);
  expect(text).toContain('Earlier actions are in the JSON');
});

test('lists the streams that are forbidden now, with the end of the ban', async () => {
  const stream: ForbiddenStreamView = {
    account: 'aliyun',
    provider: 'alibaba',
    domain: 'play.example.com',
    app_name: 'live',
    stream: 'guest-1',
    since_at: '2026-03-01T11:48:00.000Z',
    since_seconds: 720,
    expires_at: '2026-03-02T12:00:00.000Z',
  };
  const status = { now, domains: [], control_actions: [], forbidden: { total: 12, streams: [stream] } };
  const card = await forbiddenCard(status, english, inOneSlice);

  expect(card?.markup.replace(/<[^>]*>/g, ' ').replace(/\s+/g, ' ')).toContain(
    'forbidden 12 min since 11:48:00 UTC guest-1 aliyun · play.example.com/live in 24 h 2026-03-02 12:00:00 UTC and 11 more',
  );
  expect(await forbiddenCard({ ...status, forbidden }, english, inOneSlice)).toBeUndefined();
});

function action(part: Partial<ControlActionView> = {}): ControlActionView {
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

function domain(part: Partial<DomainView> = {}): DomainView {
  return {
    account: 'aliyun',
    provider: 'alibaba',
    domain: 'play.example.com',
    app_name: '',
    watermark_at: null,
    watermark_age_seconds: 5,
    known_from_at: '2026-03-01T11:50:00.000Z',
    gap_seconds: 0,
    forbidden_from: 'list',
    last_failure: null,
    ...part,
  };
}

async function render(
  domains: readonly DomainView[],
  actions: readonly ControlActionView[],
): Promise<string> {
  const status = { now, forbidden, domains: [...domains], control_actions: [...actions] };
  const cards = await controlCards(status, english, inOneSlice);
  return cards?.markup ?? '';
}

/** Renders the cards and removes the tags. */
async function textOf(
  domains: readonly DomainView[],
  actions: readonly ControlActionView[],
): Promise<string> {
  return (await render(domains, actions)).replace(/<[^>]*>/g, ' ').replace(/\s+/g, ' ');
}
