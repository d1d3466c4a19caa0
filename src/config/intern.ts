import type { PushTarget } from '../model/target.ts';

/**
 * Gives each target with what was given before in place of what is equal to it: thousands of streams expect the same,
 * carry the same labels and lie in the same few domains, and each would hold a copy of its own.
 */
export function createTargetIntern(): (target: PushTarget) => PushTarget {
  const texts = createShare<string>();
  const expectations = createShare<PushTarget['expectation']>();
  const labels = createShare<PushTarget['labels']>();
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

/** Of values of one kind, which their JSON tells apart. */
function createShare<T>(): (value: T) => T {
  const known = new Map<string, T>();
  return (value) => {
    const text = JSON.stringify(value);
    const same = known.get(text);
    if (same === undefined) known.set(text, value);
    return same ?? value;
  };
}
