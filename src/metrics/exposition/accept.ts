import Negotiator from 'negotiator';
import type { Format } from '../table/text-format.ts';
import type { Encoding } from './exposition.ts';

const textType = 'text/plain;version=0.0.4';
const openMetricsType = 'application/openmetrics-text;version=1.0.0';

/**
 * Returns the exposition format for an Accept header: OpenMetrics if the header names it and does not prefer
 * text; otherwise text 0.0.4, even if the header excludes text. `text/plain;version=1.0.0` does not count as
 * text 0.0.4, because metric names can be quoted in version 1.0.0.
 */
export function chooseFormat(accept = ''): Format {
  if (!/openmetrics-text/i.test(accept)) return 'text';
  const ranges = accept.split(',').filter(hasValidQuality).map(withoutVariants);
  const negotiator = new Negotiator({ headers: { accept: ranges.join() } });
  const mediaType = negotiator.mediaType([textType, openMetricsType]);
  return mediaType === openMetricsType ? 'openmetrics' : 'text';
}

/**
 * Returns the encoding for an Accept-Encoding header: gzip if the header allows gzip and does not prefer
 * identity.
 */
export function chooseEncoding(acceptEncoding = ''): Encoding {
  // x-gzip is the old name of gzip (RFC 9110, section 8.4.1.3). It is used only if the header does not
  // contain gzip.
  const header = /(?<!x-)gzip/i.test(acceptEncoding)
    ? acceptEncoding
    : acceptEncoding.replace(/x-gzip/i, 'gzip');
  const negotiator = new Negotiator({ headers: { 'accept-encoding': header } });
  return negotiator.encoding(['gzip', 'identity']) === 'gzip' ? 'gzip' : 'identity';
}

/**
 * Reports whether the quality (q) of a media range in an Accept header is at most 1. A missing quality counts
 * as 1. The library negotiator does not check this.
 */
function hasValidQuality(range: string): boolean {
  const [, quality = '1'] = /;\s*q=([^;]*)/i.exec(range) ?? [];
  return Number(quality) <= 1;
}

/**
 * Removes two details of a media range that make no difference to the response: the `escaping` parameter for
 * metric names, and version 0.0.1, which is the draft of OpenMetrics 1.0.0.
 */
function withoutVariants(range: string): string {
  return range
    .replace(/;\s*escaping=[^;]*/i, '')
    .replace(/(openmetrics-text\s*;\s*version=)"?0\.0\.1"?/i, '$11.0.0');
}
