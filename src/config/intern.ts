import type { PushTarget } from '../model/target.ts';

/**
 * Returns a function that interns the parts of push targets (streams to poll): targets with equal parts share
 * one object. Thousands of streams have equal expectations, labels, accounts and domains, and each of them
 * would otherwise keep its own copy in memory.
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
 * Returns a function that interns values: if an earlier value had the same JSON, it returns the earlier
 * value.
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
