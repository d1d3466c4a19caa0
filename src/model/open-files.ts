/**
 * Descriptions of the error codes (of Node.js) for a host without a free file descriptor, with the remedy. It
 * can happen to connections and to files, such as the config.
 */
const texts: ReadonlyMap<string, string> = new Map([
  ['EMFILE', 'too many open files: raise the limit of the exporter, such as LimitNOFILE (EMFILE)'],
  ['ENFILE', 'too many open files on this host: raise fs.file-max (ENFILE)'],
]);

/** Describes an error because of too many open files. Returns undefined for all other error codes. */
export function describeOpenFiles(code: string): string | undefined {
  return texts.get(code);
}
