/** Function that runs a task after all earlier tasks, and resolves or rejects with its result. */
export type RunInOrder = <T>(task: () => Promise<T>) => Promise<T>;

/**
 * Creates a queue that runs one task at a time, in the order of the calls. If each of many tasks works in slices
 * of the event loop, together they would still block it for one slice each.
 */
export function createTaskQueue(): RunInOrder {
  let last: Promise<unknown> = Promise.resolve();
  return (task) => {
    const result = last.then(task);
    last = result.catch(() => undefined);
    return result;
  };
}
