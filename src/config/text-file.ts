import { type FileHandle, open } from 'node:fs/promises';

/** What is in a file, or why it could not be read: a fixed sentence without the file's name. */
export type FileText = { readonly text: string } | { readonly problem: string };

const chunkBytes = 1024 * 1024;

/** All of a UTF-8 file, without its byte order mark. Reads no more than `maxBytes`, also where the file has no end. */
export async function readTextFile(path: string, maxBytes: number): Promise<FileText> {
  try {
    await using file = await open(path);
    if ((await file.stat()).isDirectory()) return { problem: 'this is a directory, not a file' };
    const bytes = await readUpTo(file, maxBytes);
    if (bytes === undefined) return { problem: `bigger than ${toSizeText(maxBytes)}` };
    return toText(bytes);
  } catch (error) {
    return { problem: whyUnreadable(error) };
  }
}

/** undefined when there is more. */
async function readUpTo(file: FileHandle, maxBytes: number): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  for (let total = 0; total <= maxBytes; ) {
    const { bytesRead, buffer } = await file.read(Buffer.alloc(chunkBytes), 0, chunkBytes);
    if (bytesRead === 0) return Buffer.concat(chunks);
    chunks.push(buffer.subarray(0, bytesRead));
    total += bytesRead;
  }
  return undefined;
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
