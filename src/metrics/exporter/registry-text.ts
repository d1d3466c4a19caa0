import type { Registry } from 'prom-client';
import { labelText } from '../table/label-text.ts';
import { numberText } from '../table/number-text.ts';
import { type Format, headText, lineName } from '../table/text-format.ts';

/**
 * The metrics of a prom-client registry in either format, without the last line. Drawn from its values and not by its
 * own `metrics()`: that renames the counters it draws as OpenMetrics, under the feet of whoever wants the other format.
 */
export async function registryText(registry: Registry, format: Format): Promise<string> {
  const metrics = await registry.getMetricsAsJSON();
  return metrics.map((metric) => metricText(metric, format)).join('');
}

/** As prom-client tells a metric, with what its types leave out. */
interface Metric {
  readonly name: string;
  readonly help: string;
  /** A string, though its types know a numeric enum. */
  readonly type: unknown;
  readonly values: readonly Value[];
}

interface Value {
  readonly value: number;
  readonly labels: Readonly<Partial<Record<string, string | number>>>;
  /** Of a histogram's line: its own name, as in `x_bucket`. */
  readonly metricName?: string;
}

function metricText({ name, help, type, values }: Metric, format: Format): string {
  if (values.length === 0) return '';
  const head = { name: type === 'counter' ? name.replace(/_total$/, '') : name, help, type: String(type) };
  const lines = values.map(({ metricName = lineName(head), labels, value }) => {
    const text = labelText(asStrings(labels));
    return `${metricName}${text === '' ? '' : `{${text}}`} ${numberText(value)}\n`;
  });
  return headText(head, format) + lines.join('');
}

/** The bound of a bucket is a number. */
function asStrings(labels: Value['labels']): Record<string, string> {
  return Object.fromEntries(
    Object.entries(labels).map(([name, value]) => [
      name,
      typeof value === 'number' ? numberText(value) : (value ?? ''),
    ]),
  );
}
