import type { Duplex } from 'node:stream';

/** Maximum size of one interim response. A longer one is left to undici, which closes the connection. */
const maxInterimBytes = 16 * 1024;
/** Interim responses are 100 to 199. 101 is final: the server would no longer speak HTTP. */
const interimLine = /^HTTP\/1\.[01] 1(?!01)\d\d/;
const startLength = 'HTTP/1.1 100'.length;
/** Index of the first digit of the status. */
const statusIndex = 'HTTP/1.1 '.length;
const one = '1'.charCodeAt(0);

/**
 * Removes interim responses, such as `100 Continue`, from the data of a connection. A client must accept them
 * before the final response, whether it has requested them or not (RFC 9110, 15.2), and some gateways send
 * them. Undici skips most of them, but closes the connection if the status is 100 (client-h1.js).
 */
export function createInterimFilter() {
  let awaitsResponse = false;
  let hasReceived = false;
  /** Data that was read but does not yet show whether it is an interim response. */
  let held: Buffer = Buffer.alloc(0);

  /** Returns the data after all interim responses; undefined: more data must follow. */
  const skip = (chunk: Buffer): Buffer | undefined => {
    let rest: Buffer = held.length === 0 ? chunk : Buffer.concat([held, chunk]);
    let length = interimLength(rest);
    for (; length !== undefined && length > 0; length = interimLength(rest)) rest = rest.subarray(length);
    awaitsResponse = length === undefined;
    held = awaitsResponse ? rest : Buffer.alloc(0);
    return awaitsResponse ? undefined : rest;
  };

  return {
    /** Starts to look for interim responses. Must be called before each request. */
    expectResponse(): void {
      awaitsResponse = true;
      hasReceived = false;
    },
    /** Reports whether any part of an interim response to the current request has arrived. */
    hasReceived: () => hasReceived,
    /** Filters what undici reads from the socket, which must be new. */
    attach(socket: Pick<Duplex, 'read'>): void {
      held = Buffer.alloc(0);
      const read: (size?: number) => Buffer | null = socket.read.bind(socket);
      socket.read = (size) => {
        for (;;) {
          const chunk = read(size);
          if (chunk === null || !awaitsResponse) return chunk;
          if (held.length === 0 && chunk.length > statusIndex && chunk[statusIndex] !== one) {
            awaitsResponse = false;
            return chunk;
          }
          hasReceived = true;
          const rest = skip(chunk);
          if (rest !== undefined) return rest;
        }
      };
    },
  };
}

/**
 * Returns the length of the interim response at the start of the data; 0 if the data starts with something
 * else, and undefined if more data must follow.
 */
function interimLength(data: Buffer): number | undefined {
  const start = data.toString('latin1', 0, startLength);
  if (start.length < startLength) {
    // Complete the start with an example.
    return interimLine.test(start + 'HTTP/1.1 100'.slice(start.length)) ? undefined : 0;
  }
  if (!interimLine.test(start)) return 0;
  const end = data.indexOf('\r\n\r\n');
  if (end >= 0) return end + '\r\n\r\n'.length;
  return data.length < maxInterimBytes ? undefined : 0;
}

export type InterimFilter = ReturnType<typeof createInterimFilter>;
