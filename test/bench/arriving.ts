/** Samples arrive in small batches, as in responses. */
const batchMs = 5;

/** Commands that let samples arrive at a rate, until `rest`. `arrive` adds one sample to each of the next streams. */
export function createArrivals(arrive: (count: number) => void) {
  let arriving: NodeJS.Timeout | undefined;
  return {
    arrive(perSecond: number) {
      arriving = setInterval(() => arrive(Math.ceil((perSecond * batchMs) / 1000)), batchMs);
    },
    rest: () => clearInterval(arriving),
  };
}
