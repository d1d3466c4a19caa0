import type { LoadedWebConfig, WebConfig } from '../config/web/load.ts';
import type { Log } from '../log.ts';
import { secondMs } from '../model/time.ts';
import type { WebSettings, WebSettingsSource } from '../server/web-settings.ts';

import { toDiagnosticLines } from '../text/diagnostics.ts';

/** Minimum time in ms between two checks whether the files changed. */
const checkIntervalMs = secondMs;

interface WebSettingsParts {
  readonly file: string;
  readonly first: WebConfig;
  readonly load: (file: string) => Promise<LoadedWebConfig>;
  /** Returns a text that changes whenever the file changes, see `fileStamp`. */
  readonly stampOf: (path: string) => Promise<string | undefined>;
  /** Returns the monotonic time in ms. */
  readonly elapsed: () => number;
  readonly log: Log;
}

/**
 * Creates the current settings of a web config. Requests and connections check whether a file has changed, such
 * as a renewed certificate, and load all of them again then. If they are unusable, the old settings stay.
 */
export function createWebSettings({
  file,
  first,
  load,
  stampOf,
  elapsed,
  log,
}: WebSettingsParts): WebSettingsSource {
  let config = first;
  let stamps: string | undefined;
  let checkedAt = -Infinity;
  let checking: Promise<void> | undefined;
  const listeners: ((settings: WebSettings) => void)[] = [];

  const currentStamps = async () => JSON.stringify(await Promise.all(config.files.map(stampOf)));

  async function check(): Promise<void> {
    const found = await currentStamps();
    // The first check only remembers: the files were loaded a moment ago.
    if (stamps === undefined || stamps === found) {
      stamps = found;
      return;
    }
    const loaded = await load(file);
    stamps = found;
    const problem =
      'problems' in loaded
        ? toDiagnosticLines(file, loaded.problems).join('; ')
        : restartReason(loaded.config, first);
    if (problem !== undefined || !('config' in loaded)) {
      log.error('web config not reloaded; the old one stays active', { file, problem });
      return;
    }
    config = loaded.config;
    // The certificate of a changed config can be another file.
    stamps = await currentStamps();
    for (const changed of listeners) changed(config);
    log.info('web config reloaded', { file });
  }

  return {
    current() {
      if (checking === undefined && elapsed() - checkedAt >= checkIntervalMs) {
        checkedAt = elapsed();
        checking = check()
          .catch((error: unknown) => log.error('cannot check the web config', { file, error }))
          .finally(() => {
            checking = undefined;
          });
      }
      return config;
    },
    onChange(changed) {
      listeners.push(changed);
    },
  };
}

/** Returns why a config can apply only after a restart; undefined if it can apply now. */
function restartReason({ tls }: WebConfig, first: WebConfig): string | undefined {
  if ((tls === undefined) !== (first.tls === undefined)) return 'turning TLS on or off needs a restart';
  return tls?.clientAuth === first.tls?.clientAuth ? undefined : 'another client_auth_type needs a restart';
}
