import type { PushTarget } from '../model/target.ts';

/**
 * Returns a function that interns the parts of push targets: equal parts of all targets become one object. Thousands
 * of streams have the same expectation, labels, account and domain, and would each hold a copy in memory.
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

/** Interns values of one kind. Values with the same JSON are equal. */
function createIntern<T>(): (value: T) => T {
  const known = new Map<string, T>();
  return (value) => {
    const key = JSON.stringify(value);
    const equal = known.get(key);
    if (equal === undefined) known.set(key, value);
    return equal ?? value;
  };
}
