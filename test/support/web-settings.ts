import type { WebSettingsSource } from '../../src/server/web-settings.ts';

/** Web config whose files do not change. */
export const neverReloaded: Omit<WebSettingsSource, 'current'> = {
  onChange: () => undefined,
  problems: () => [],
  onReload: () => undefined,
};
