import { closeSync, constants, createReadStream, openSync, readSync } from 'node:fs';
import { stat, statfs } from 'node:fs/promises';
import { Socket } from 'node:net';
import { describeOpenFiles } from '../model/open-files.ts';

/**
 * Text of a file, or the reason why the file cannot be read. The reason is a short phrase that does not
 * contain the file name.
 */
export type FileText = { readonly text: string } | { readonly problem: string };

const mebibyte = 1024 * 1024;

/**
 * Reads a UTF-8 file and removes its byte order mark. Returns a problem if the file has more than `maxBytes`
 * bytes, so that an endless device cannot fill the memory. A pipe, such as `<(command)` in a shell, is read
 * to its end. A named pipe without a writer is empty.
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
    return { problem: errorTexts[code] ?? describeOpenFiles(code) ?? `cannot be read: ${code}` };
  }
}

/**
 * Returns a text that changes whenever the file at `path`, or what a link there points to, is written or
 * replaced. Returns `pipe` for a pipe, which has no fixed content, and undefined if there is no readable file.
 */
export async function fileStamp(path: string): Promise<string | undefined> {
  try {
    const found = await stat(path);
    if (found.isFIFO()) return 'pipe';
    return [found.dev, found.ino, found.size, found.mtimeMs, found.ctimeMs].join(' ');
  } catch {
    return undefined;
  }
}

/** Types of file systems in memory (tmpfs, ramfs), see the manual page statfs(2). */
const memoryFileSystems: ReadonlySet<number> = new Set([0x01021994, 0x858458f6]);

/**
 * Returns the mode of the file at `path` in octal if users other than its owner can change it, or users outside its
 * group can read it; undefined if they cannot, or if there is no such file. A file system in memory does not count:
 * Kubernetes and Docker put secrets there, readable for everybody in the container.
 */
export async function modeOpenToOthers(path: string, isKept = isOnDisk): Promise<string | undefined> {
  try {
    const found = await stat(path);
    if (!found.isFile() || (found.mode & 0o026) === 0) return undefined;
    return (await isKept(path)) ? (found.mode & 0o777).toString(8).padStart(4, '0') : undefined;
  } catch {
    return undefined;
  }
}

async function isOnDisk(path: string): Promise<boolean> {
  return !memoryFileSystems.has((await statfs(path)).type);
}

/**
 * Reads the pipe at `path` to its end. Opens the pipe in non-blocking mode: otherwise, opening a pipe without
 * a writer would block a thread forever.
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

/**
 * Reads the bytes that are available in a pipe, without waiting. Returns an empty buffer if the pipe is at
 * its end or has no writer; undefined if a writer exists but has written nothing yet.
 */
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
