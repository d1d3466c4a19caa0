import { expect, test } from 'vitest';
import { createTargetIntern } from '../../src/config/intern.ts';
import { alwaysLive, noExpectation, pushTarget, streamId } from '../support/samples.ts';

test('makes equal parts of two targets the same object and keeps other parts', () => {
  const intern = createTargetIntern();
  const labels = { team: 'news' };
  const first = intern(pushTarget({ expectation: { ...alwaysLive }, labels }));
  const second = intern(
    pushTarget({
      stream: streamId({ stream: 'sport' }),
      expectation: { ...alwaysLive },
      labels: { ...labels },
    }),
  );
  const other = intern(pushTarget({ expectation: noExpectation, labels: { team: 'sport' } }));

  expect([second.expectation === first.expectation, second.labels === first.labels]).toEqual([true, true]);
  expect(second.stream.stream).toBe('sport');
  expect(other).toEqual(pushTarget({ expectation: noExpectation, labels: { team: 'sport' } }));
});

test('keeps a target without labels and expectation unchanged', () => {
  const intern = createTargetIntern();
  const plain = pushTarget({ expectation: noExpectation, labels: {} });

  for (const target of [intern(plain), intern({ ...plain })]) {
    expect(target).toStrictEqual(plain);
    expect(Object.keys(target.labels)).toEqual([]);
  }
});
