import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { ProviderError } from '../model/answer.ts';

const gunzipAsync = promisify(gunzip);
const utf8 = new TextDecoder();

/** Value of the Accept-Encoding header. `decompress` supports only this content coding and `identity`. */
export const acceptedEncoding = 'gzip';

/** Decodes a body that is not compressed. */
export function decodeText(body: Buffer): string {
  return utf8.decode(body);
}

/**
 * Decodes a response body with the given Content-Encoding to text. Rejects with `malformed` if the coding is
 * unsupported, the data is invalid or the text exceeds `maxBytes`. Undici's own decompress interceptor is not
 * used: it is experimental, warns on stderr and passes bodies with an unsupported coding through.
 */
export async function decompress(body: Buffer, encoding: string, maxBytes: number): Promise<string> {
  const coding = encoding.trim().toLowerCase();
  if (coding === '' || coding === 'identity') return decodeText(body);
  if (coding !== 'gzip' && coding !== 'x-gzip') {
    throw new ProviderError('malformed', 'the response has an unsupported content encoding');
  }
  if (body.length === 0) return '';
  try {
    // The output limit stops a decompression bomb before it fills the memory.
    return utf8.decode(await gunzipAsync(body, { maxOutputLength: maxBytes }));
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE') {
      throw new TooLargeError(maxBytes);
    }
    throw new ProviderError('malformed', 'the response is not valid gzip', { cause: error });
  }
}

/** The body of a response, as received or decompressed, exceeds the limit. */
export class TooLargeError extends ProviderError {
  constructor(maxBytes: number) {
    super('malformed', `the response is larger than ${maxBytes} bytes`, {
      isTooLarge: true,
      reason: 'too_large',
    });
  }
}
