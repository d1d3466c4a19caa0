import { expect, test } from 'vitest';
import { createTargetIntern } from '../../src/config/intern.ts';
import { alwaysLive, noExpectation, pushTarget, streamId } from '../support/samples.ts';

test('what is equal in two targets is one object, and what is not stays apart', () => {
  const share = createTargetIntern();
  const labels = { team: 'news' };
  const first = share(pushTarget({ expectation: { ...alwaysLive }, labels }));
  const second = share(
    pushTarget({
      stream: streamId({ stream: 'sport' }),
      expectation: { ...alwaysLive },
      labels: { ...labels },
    }),
  );
  const other = share(pushTarget({ expectation: noExpectation, labels: { team: 'sport' } }));

  expect([second.expectation === first.expectation, second.labels === first.labels]).toEqual([true, true]);
  expect(second.stream.stream).toBe('sport');
  expect(other).toEqual(pushTarget({ expectation: noExpectation, labels: { team: 'sport' } }));
});

test('a target of which nothing is said has no labels, and expects nothing', () => {
  const share = createTargetIntern();
  const plain = pushTarget({ expectation: noExpectation, labels: {} });

  for (const target of [share(plain), share({ ...plain })]) {
    expect(target).toStrictEqual(plain);
    expect(Object.keys(target.labels)).toEqual([]);
  }
});
