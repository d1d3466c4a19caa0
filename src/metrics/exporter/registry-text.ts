import type { Registry } from 'prom-client';
import type { Format } from '../table/text-format.ts';

/**
 * Renders a prom-client registry without the last line of the format. This function converts the text format
 * to OpenMetrics itself: prom-client renames the counters while it renders OpenMetrics, so that a concurrent
 * render in the text format would be wrong. HELP texts contain no quotes, so the quote escaping of
 * OpenMetrics is not needed.
 */
export async function registryText(registry: Registry, format: Format): Promise<string> {
  const families = (await registry.metrics()).trimEnd().split('\n\n').filter(hasSeries);
  const text = families.map((family) => `${family}\n`).join('');
  // prom-client writes `Nan`. Replace it by `NaN`, the standard text.
  const canonical = text.replace(/ Nan$/gm, ' NaN');
  return format === 'text' ? canonical : canonical.replace(/^(# (?:HELP|TYPE) \w+)_total /gm, '$1 ');
}

/** Reports whether the text of a family has a value line in addition to its HELP and TYPE lines. */
function hasSeries(family: string): boolean {
  return family.split('\n', 3).length === 3;
}
