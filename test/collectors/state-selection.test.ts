import { expect, test } from 'vitest';
import { createStateSelection } from '../../src/collectors/state-selection.ts';
import { newControlRecord } from '../../src/model/control-record.ts';
import { controlTarget } from '../support/actions.ts';
import { noon, pushTarget, streamId } from '../support/samples.ts';

test('forgets a removed domain', () => {
  const states = createStateSelection();
  const domain = controlTarget();
  const record = newControlRecord(domain, noon);
  const push = Array.from({ length: 150 }, (_, i) =>
    pushTarget({ stream: streamId({ domain: domain.domain, stream: `s${i}` }) }),
  );
  states.configure({ control: [domain], push });
  const first = states.next(domain, record);
  expect(first).toHaveLength(100);
  expect(states.next(domain, record)[0]?.stream).toBe('s100');

  states.configure({ control: [], push });
  states.remove(domain);
  expect(states.next(domain, record)).toEqual([]);

  states.remove(domain);
  states.configure({ control: [domain], push });
  expect(states.next(domain, record)).toEqual(first);
});
