import { closeSync, constants, createReadStream, openSync, readSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { Socket } from 'node:net';

/** Text of a file, or the reason why the file cannot be read: a fixed phrase without the file name. */
export type FileText = { readonly text: string } | { readonly problem: string };

const mebibyte = 1024 * 1024;

/**
 * Reads a UTF-8 file without its byte order mark. Reads at most `maxBytes`, also from a device without an end. Reads a
 * pipe to its end, such as `<(command)` of a shell; a named pipe without a writer is empty.
 */
export async function readTextFile(path: string, maxBytes: number): Promise<FileText> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    const isPipe = (await stat(path)).isFIFO();
    for await (const chunk of isPipe ? readPipe(path) : createReadStream(path)) {
      chunks.push(chunk);
      size += chunk.length;
      if (size > maxBytes) return { problem: `larger than ${toSizeText(maxBytes)}` };
    }
    return { text: new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(chunks)) };
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';
    return { problem: errorTexts[code] ?? `cannot be read: ${code}` };
  }
}

/**
 * Opens the pipe without blocking. Opened as a file, a pipe without a writer would block a thread forever.
 */
async function* readPipe(path: string): AsyncGenerator<Buffer> {
  const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  const first = readAvailable(fd);
  if (first?.length === 0) closeSync(fd);
  else {
    const rest = new Socket({ fd, readable: true, writable: false });
    if (first !== undefined) rest.unshift(first);
    yield* rest;
  }
}

/** Returns an empty buffer at the end or without a writer; undefined if a writer has not written yet. */
function readAvailable(fd: number): Buffer | undefined {
  const buffer = Buffer.alloc(mebibyte);
  try {
    return buffer.subarray(0, readSync(fd, buffer));
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EAGAIN') return undefined;
    closeSync(fd);
    throw error;
  }
}

function toSizeText(bytes: number): string {
  return bytes >= mebibyte ? `${bytes / mebibyte} MiB` : `${bytes / 1024} KiB`;
}

const errorTexts: Readonly<Record<string, string>> = {
  ENOENT: 'file not found',
  EISDIR: 'is a directory, not a file',
  ENOTDIR: 'part of the path is not a directory',
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  ERR_ENCODING_INVALID_ENCODED_DATA: 'not UTF-8 text',
};
