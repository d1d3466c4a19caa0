import type { PushTarget } from '../model/target.ts';

/**
 * Returns a function that interns the parts of push targets (streams to poll), so that all targets with an
 * equal part share one object. Thousands of streams have equal expectations, labels, accounts and domains,
 * and otherwise each stream would keep a copy in memory.
 */
export function createTargetIntern(): (target: PushTarget) => PushTarget {
  const texts = createIntern<string>();
  const expectations = createIntern<PushTarget['expectation']>();
  const labels = createIntern<PushTarget['labels']>();
  return (target) => {
    const { account, domain, appName } = target.stream;
    return {
      ...target,
      stream: { ...target.stream, account: texts(account), domain: texts(domain), appName: texts(appName) },
      expectation: expectations(target.expectation),
      labels: labels(target.labels),
    };
  };
}

/**
 * Returns a function that interns values: for a value with the JSON of an earlier value, it returns the
 * earlier value.
 */
function createIntern<T>(): (value: T) => T {
  const known = new Map<string, T>();
  return (value) => {
    const key = JSON.stringify(value);
    const equal = known.get(key);
    if (equal === undefined) known.set(key, value);
    return equal ?? value;
  };
}
