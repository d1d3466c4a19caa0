import type { Diagnostic } from '../text/diagnostics.ts';
import { modeOpenToOthers } from '../text/text-file.ts';
import type { SecretUse } from './secret-refs.ts';

/**
 * Returns a warning for each secret file that other users of the machine can read or change. Certificates of
 * authorities are not secret.
 */
export async function secretFileWarnings(
  named: readonly SecretUse[],
  modeOf: (path: string) => Promise<string | undefined> = modeOpenToOthers,
): Promise<readonly Diagnostic[]> {
  const found = named.map(async ({ ref, kind, position }) => {
    if (ref.from !== 'file' || kind === 'certificates') return [];
    const mode = await modeOf(ref.path);
    return mode === undefined ? [] : [{ ...position, text: openFileText(ref.path, mode) }];
  });
  return (await Promise.all(found)).flat();
}

/** Returns a warning for each of the files that other users of the machine can read or change. */
export async function openFileWarnings(paths: readonly string[]): Promise<readonly string[]> {
  const modes = await Promise.all(paths.map(async (path) => ({ path, mode: await modeOpenToOthers(path) })));
  return modes.flatMap(({ path, mode }) => (mode === undefined ? [] : [openFileText(path, mode)]));
}

function openFileText(path: string, mode: string): string {
  return `other users of this machine can read or change the file (${path}, mode ${mode}); run chmod 600`;
}
