import { expect, test } from 'vitest';
import { createDroppedPublishers } from '../../src/collectors/dropped-publishers.ts';
import { createLog } from '../../src/log.ts';
import { livePush, pushView } from '../support/push-series.ts';
import { noon, pushSample, pushTarget, streamId } from '../support/samples.ts';

const news = pushTarget();
const sport = pushTarget({ stream: streamId({ stream: 'sport' }) });

function setUp() {
  const log: string[] = [];
  const dropped = createDroppedPublishers({
    account: { account: 'main', provider: 'tencent' },
    log: createLog({ level: 'info', format: 'logfmt', write: (line) => log.push(line), now: () => noon }),
  });
  return { dropped, log };
}

/** View of a stream with two publishers that have series, and `dropped` others. */
function crowdedView(dropped: number) {
  return pushView({ ...livePush(pushSample(), pushSample({ clientIp: '192.0.2.11' })), dropped });
}

test('counts the publishers without series of all streams', () => {
  const { dropped } = setUp();

  dropped.set('news', news, crowdedView(5));
  dropped.set('sport', sport, crowdedView(10));
  expect(dropped.count(noon)).toBe(15);

  dropped.set('news', news, pushView(livePush(pushSample())));
  expect(dropped.count(noon)).toBe(10);

  dropped.remove('sport');
  expect(dropped.count(noon)).toBe(0);
});

test('does not count the publishers of a stream whose state is unknown', () => {
  const { dropped } = setUp();

  dropped.set('news', news, crowdedView(5));

  expect(dropped.count(noon + 60_000)).toBe(0);
});

test('logs each stream with too many publishers once', () => {
  const { dropped, log } = setUp();

  dropped.set('news', news, crowdedView(5));
  dropped.set('news', news, pushView(undefined));
  dropped.set('news', news, crowdedView(6));

  expect(log).toEqual([
    'ts=2026-03-01T12:00:00.000Z level=warn msg="stream has too many publishers: some have no series, but all their ' +
      'samples count" account=main target=news publishers=7 limit=16\n',
  ]);
});
