import { closeSync, constants, openSync, readSync } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { Socket } from 'node:net';

/** What is in a file, or why it could not be read: a fixed sentence without the file's name. */
export type FileText = { readonly text: string } | { readonly problem: string };

const chunkBytes = 1024 * 1024;

/**
 * All of a UTF-8 file, without its byte order mark. Reads no more than `maxBytes`, also where the file has no end. A pipe
 * is read to its end; one that nobody writes to is empty.
 */
export async function readTextFile(path: string, maxBytes: number): Promise<FileText> {
  try {
    const kind = await stat(path);
    if (kind.isDirectory()) return { problem: 'this is a directory, not a file' };
    const bytes = await (kind.isFIFO() ? readPipe(path, maxBytes) : readFile(path, maxBytes));
    if (bytes === undefined) return { problem: `bigger than ${toSizeText(maxBytes)}` };
    return toText(bytes);
  } catch (error) {
    return { problem: whyUnreadable(error) };
  }
}

/** undefined when there is more. */
async function readFile(path: string, maxBytes: number): Promise<Buffer | undefined> {
  await using file = await open(path);
  const chunks: Buffer[] = [];
  for (let total = 0; total <= maxBytes; ) {
    const { bytesRead, buffer } = await file.read(Buffer.alloc(chunkBytes), 0, chunkBytes);
    if (bytesRead === 0) return Buffer.concat(chunks);
    chunks.push(buffer.subarray(0, bytesRead));
    total += bytesRead;
  }
  return undefined;
}

/** Opened as a file is, a pipe that nobody writes to would hold up the program for ever. undefined when there is more. */
async function readPipe(path: string, maxBytes: number): Promise<Buffer | undefined> {
  const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  const begin = readBegin(fd);
  // Nothing at its end, or without a writer: the event loop would wait for one.
  if (begin !== undefined && (begin.length === 0 || begin.length > maxBytes)) {
    closeSync(fd);
    return begin.length === 0 ? begin : undefined;
  }
  const chunks = begin === undefined ? [] : [begin];
  let total = begin?.length ?? 0;
  for await (const chunk of new Socket({ fd, readable: true, writable: false })) {
    chunks.push(chunk);
    total += chunk.length;
    if (total > maxBytes) return undefined;
  }
  return Buffer.concat(chunks);
}

/** What stands in a pipe now. Empty: no more will come. undefined: somebody has it open and has not written yet. */
function readBegin(fd: number): Buffer | undefined {
  const buffer = Buffer.alloc(chunkBytes);
  try {
    return buffer.subarray(0, readSync(fd, buffer));
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EAGAIN') return undefined;
    closeSync(fd);
    throw error;
  }
}

function toText(bytes: Buffer): FileText {
  try {
    return { text: new TextDecoder('utf-8', { fatal: true }).decode(bytes) };
  } catch {
    return { problem: 'not UTF-8 text' };
  }
}

function toSizeText(bytes: number): string {
  return bytes >= chunkBytes ? `${bytes / chunkBytes} MiB` : `${bytes / 1024} KiB`;
}

function whyUnreadable(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'an unknown fault';
  switch (code) {
    case 'ENOENT':
      return 'there is no such file';
    case 'EISDIR':
      return 'this is a directory, not a file';
    case 'ENOTDIR':
      return 'a part of the path is not a directory';
    case 'EACCES':
    case 'EPERM':
      return 'no permission to read it';
    default:
      return `cannot be read: ${code}`;
  }
}
