import { secondMs } from '../model/time.ts';
import { type FileText, fileStamp } from '../text/text-file.ts';
import type { SecretRef } from './config.ts';
import type { SecretKind } from './schema/account-parts.ts';
import { checkSecret, readSecretFile, type Secrets, secretKey } from './secrets.ts';

/** Minimum time in ms between two checks whether the files changed, as long as requests succeed. */
const checkIntervalMs = 5 * secondMs;

/** Minimum time in ms between two checks after requests that the provider rejected. */
const minRenewalMs = secondMs;

/** Maximum number of times that one check reads the files because they were replaced meanwhile. */
const maxReads = 3;

/** Results of `fileStamp`, one per file. */
type Stamps = readonly (string | undefined)[];

interface SecretFilesParts {
  /** Returns the monotonic time in ms. */
  readonly elapsed: () => number;
  /**
   * Reports that changed files were read. `problem` is the reason why the old secrets stay in use; undefined
   * if the new ones are in use.
   */
  readonly onRead: (problem: string | undefined) => void;
  /** Returns the kind of the secret with a name. By default, all are keys. */
  readonly kindOf?: (name: string) => SecretKind;
}

interface Files {
  /** Returns a text that changes whenever the file changes, see `fileStamp`. */
  readonly stampOf: (path: string) => Promise<string | undefined>;
  readonly readFile: (path: string, kind: SecretKind) => Promise<FileText>;
}

/**
 * Creates the current secrets of one account, or of the Alertmanagers. `refs` has their locations by name,
 * `loaded` the values that were read together with the config. If files change, as those of temporary
 * credentials do, they are read again without a reload. The files belong together: if one is unusable, all
 * old secrets stay.
 */
export function createSecretFiles(
  refs: Readonly<Record<string, SecretRef>>,
  loaded: Secrets,
  { elapsed, onRead, kindOf = () => 'key' }: SecretFilesParts,
  { stampOf, readFile }: Files = { stampOf: fileStamp, readFile: readSecretFile },
) {
  const files = Object.entries(refs).flatMap(([name, ref]) =>
    ref.from === 'file' ? [{ ...ref, kind: kindOf(name) }] : [],
  );
  let secrets = loaded;
  let version = 0;
  /** Stamps of the files whose content was read last; undefined: the next check reads them. */
  let readStamps: Stamps | undefined;
  let lastProblem: string | undefined;
  let checkedAt = elapsed();
  let renewedAt = -Infinity;
  let checking: Promise<void> | undefined;

  const currentStamps = (): Promise<Stamps> => Promise.all(files.map(({ path }) => stampOf(path)));

  async function readFiles(stamps: Stamps) {
    const read = new Map(secrets);
    let problem: string | undefined;
    for (const [i, ref] of files.entries()) {
      // The content of a pipe can be read only once.
      if (stamps[i] === 'pipe') continue;
      const { path, kind } = ref;
      const checked = checkSecret(ref, kind, await readFile(path, kind));
      if ('problem' in checked) problem ??= checked.problem;
      else read.set(secretKey(ref), checked.secret);
    }
    return { read, problem, stamps };
  }

  /**
   * Reads the files if one of them changed. If they are replaced meanwhile, reads them again, because old and
   * new ones do not belong together. Returns undefined if there is nothing to use.
   */
  async function readChanged() {
    let stamps = await currentStamps();
    if (readStamps !== undefined && isEqual(stamps, readStamps)) return undefined;
    for (let attempt = 1; attempt <= maxReads; attempt++) {
      const found = await readFiles(stamps);
      stamps = await currentStamps();
      if (isEqual(stamps, found.stamps)) return found;
    }
    return undefined;
  }

  async function check(): Promise<void> {
    const found = await readChanged();
    if (found === undefined) return;
    const { read, problem, stamps } = found;
    // Read an unusable file again at the next check, even if it did not change: the reason can be on this host,
    // such as too many open files.
    readStamps = problem === undefined ? stamps : undefined;
    const hasChanged = files.some((ref) => read.get(secretKey(ref)) !== secrets.get(secretKey(ref)));
    if (problem === undefined && hasChanged) {
      secrets = read;
      version += 1;
    }
    if (problem !== lastProblem || (problem === undefined && hasChanged)) onRead(problem);
    lastProblem = problem;
  }

  /** Starts a check, or returns the one in progress. */
  function start(): Promise<void> {
    checkedAt = elapsed();
    checking ??= check()
      // No file is worth a failed request: the next check tries again.
      .catch(() => undefined)
      .finally(() => {
        checking = undefined;
      });
    return checking;
  }

  return {
    /**
     * Returns the current value of a secret; undefined if the config has no such secret. Checks from time to
     * time whether the files changed, in the background, so that a request never waits for the disk.
     */
    get(name: string): string | undefined {
      if (files.length > 0 && elapsed() - checkedAt >= checkIntervalMs) void start();
      const ref = refs[name];
      return ref && secrets.get(secretKey(ref));
    },
    /** Returns a number that changes whenever a secret changes. */
    version: () => version,
    /** Reads the files again if they changed. Does nothing if the last renewal was less than 1 s ago. */
    async renew(): Promise<void> {
      if (files.length === 0) return;
      if (checking === undefined && elapsed() - renewedAt < minRenewalMs) return;
      renewedAt = elapsed();
      await start();
    },
  };
}

function isEqual(a: Stamps, b: Stamps): boolean {
  return a.every((stamp, i) => stamp === b[i]);
}
