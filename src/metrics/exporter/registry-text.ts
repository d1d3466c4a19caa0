import type { Registry } from 'prom-client';
import type { Format } from '../table/text-format.ts';

/**
 * Renders a prom-client registry without the last line of the format. Converts the text format to OpenMetrics
 * without prom-client's own conversion: prom-client renames the counters during that conversion, so a
 * concurrent render in the text format would be wrong. HELP texts contain no quotes, so the quote escaping of
 * OpenMetrics is not needed.
 */
export async function registryText(registry: Registry, format: Format): Promise<string> {
  const families = (await registry.metrics()).trimEnd().split('\n\n').filter(hasSeries);
  const text = families.map((family) => `${family}\n`).join('');
  // prom-client writes `Nan`; the standard text is `NaN`.
  const canonical = text.replace(/ Nan$/gm, ' NaN');
  return format === 'text' ? canonical : canonical.replace(/^(# (?:HELP|TYPE) \w+)_total /gm, '$1 ');
}

/** Reports whether the text of a family contains a value line, besides its HELP and TYPE lines. */
function hasSeries(family: string): boolean {
  return family.split('\n', 3).length === 3;
}
