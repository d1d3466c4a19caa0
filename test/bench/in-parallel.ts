/** Runs `act` for each item in order, at most `concurrency` at a time. Rejects with the first failure. */
export async function inParallel<T>(
  items: readonly T[],
  concurrency: number,
  act: (item: T) => Promise<unknown>,
): Promise<void> {
  const remaining = items.values();
  await Promise.all(
    Array.from({ length: concurrency }, async () => {
      for (const item of remaining) await act(item);
    }),
  );
}
