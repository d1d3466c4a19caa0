import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { ProviderError } from '../model/answer.ts';

const unzip = promisify(gunzip);
const utf8 = new TextDecoder();

/** The packings that `unpack` reads, as a request asks for them. */
export const acceptedEncoding = 'gzip';

/**
 * The text of a body that was sent with this Content-Encoding; at once where it is not packed. Rejects as `malformed`
 * beyond `maxBytes`.
 */
export function decompress(body: Buffer, encoding: string, maxBytes: number): string | Promise<string> {
  return encoding === '' ? utf8.decode(body) : unpackAs(encoding, body, maxBytes);
}

async function unpackAs(encoding: string, body: Buffer, maxBytes: number): Promise<string> {
  switch (encoding.trim().toLowerCase()) {
    case '':
    case 'identity':
      return utf8.decode(body);
    case 'gzip':
    case 'x-gzip':
      return utf8.decode(await unzipped(body, maxBytes));
    default:
      throw new ProviderError('malformed', 'the answer is packed in a way that was not asked for');
  }
}

export function tooLarge(maxBytes: number): ProviderError {
  return new ProviderError('malformed', `the answer is larger than ${maxBytes} bytes`);
}

/** Stops at the limit, so that a small answer cannot fill the memory. */
async function unzipped(body: Buffer, maxBytes: number): Promise<Buffer> {
  if (body.length === 0) return body;
  try {
    return await unzip(body, { maxOutputLength: maxBytes });
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE')
      throw tooLarge(maxBytes);
    throw new ProviderError('malformed', 'the answer cannot be unpacked', { cause: error });
  }
}
