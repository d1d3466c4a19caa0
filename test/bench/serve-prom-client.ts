import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { Format } from '../../src/metrics/table/text-format.ts';
import { createPromClientCopy, type PromClientCopy } from './prom-client-copy.ts';
import { serve } from './serve.ts';

const gzipped = promisify(gzip);

/** prom-client registries with the content of another process, by format. */
const copies = new Map<Format, PromClientCopy>();

await serve({
  async scrape({ accept = '', acceptEncoding }) {
    const wanted = accept.startsWith('application/openmetrics-text') ? copies.get('openmetrics') : undefined;
    const copy = wanted ?? copies.get('text');
    if (copy === undefined) throw new Error('no content was copied');
    const isCompressed = acceptEncoding === 'gzip';
    const text = await copy.registry.metrics();
    // As most programs do: the whole text at the default level, in the thread pool.
    const body = isCompressed ? await gzipped(text, { level: 6 }) : Buffer.from(text);
    const headers = { 'content-type': copy.registry.contentType };
    return {
      headers: isCompressed ? { ...headers, 'content-encoding': 'gzip' } : headers,
      body: once(body),
      completed: () => undefined,
    };
  },
  handlers: {
    async copy({ url, format }: { readonly url: string; readonly format: Format }) {
      const copy = copies.get(format) ?? createPromClientCopy(format);
      copies.set(format, copy);
      copy.take(await (await fetch(url)).text());
    },
  },
});

async function* once(body: Uint8Array) {
  yield body;
}
