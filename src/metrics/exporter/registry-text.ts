import type { Registry } from 'prom-client';
import type { Format } from '../table/text-format.ts';

/**
 * Renders a prom-client registry without the last line of the format. Converts the text format to OpenMetrics
 * here: prom-client renames the counters while it renders OpenMetrics, so that a concurrent render of the
 * other format would be wrong. No HELP text contains a quote, which only OpenMetrics escapes.
 */
export async function registryText(registry: Registry, format: Format): Promise<string> {
  const families = (await registry.metrics()).trimEnd().split('\n\n').filter(hasSeries);
  const text = families.map((family) => `${family}\n`).join('');
  // prom-client writes `Nan`.
  const canonical = text.replace(/ Nan$/gm, ' NaN');
  return format === 'text' ? canonical : canonical.replace(/^(# (?:HELP|TYPE) \w+)_total /gm, '$1 ');
}

/** Reports whether a family has more than its HELP and TYPE lines. */
function hasSeries(family: string): boolean {
  return family.split('\n', 3).length === 3;
}
