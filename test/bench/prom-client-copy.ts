import { Counter, Gauge, Registry, type RegistryContentType } from 'prom-client';
import { pushFamilies } from '../../src/metrics/push/push-families.ts';
import { type Format, lineName } from '../../src/metrics/table/text-format.ts';

/** prom-client registry with the same stream series, labels and values as an exposition of the program. */
export interface PromClientCopy {
  readonly registry: Registry<RegistryContentType>;
  /** Copies an exposition in text 0.0.4. After the first, only values can differ. */
  take(text: string): void;
}

type Labels = Record<string, string>;

interface CopiedSeries {
  readonly metric: Counter | Gauge;
  readonly labels: Labels;
  value: number;
}

export function createPromClientCopy(format: Format): PromClientCopy {
  const registry = new Registry<RegistryContentType>();
  if (format === 'openmetrics') registry.setContentType(Registry.OPENMETRICS_CONTENT_TYPE);
  /** In the order of the text, which is constant. */
  const series: CopiedSeries[] = [];
  /** One object per label text, with which prom-client needs the least memory. */
  const knownLabels = new Map<string, Labels>();
  const metrics = new Map<string, Counter | Gauge>();

  const labelsOf = (text: string): Labels => {
    const known = knownLabels.get(text);
    if (known !== undefined) return known;
    const labels = parseLabels(text);
    knownLabels.set(text, labels);
    return labels;
  };

  const addSeries = (line: string): CopiedSeries => {
    const [, name = '', labelText = ''] = /^(\w+)\{(.*)\} /.exec(line) ?? [];
    const labels = labelsOf(labelText);
    const metric = metrics.get(name) ?? newMetric(name, Object.keys(labels), registry);
    metrics.set(name, metric);
    return { metric, labels, value: 0 };
  };

  return {
    registry,
    take(text) {
      const isFirst = series.length === 0;
      let at = 0;
      for (const line of streamLines(text)) {
        if (isFirst) series.push(addSeries(line));
        const copied = series[at++];
        if (copied === undefined) throw new Error('the text has more series than the first one');
        setValue(copied, Number(line.slice(line.lastIndexOf(' ') + 1)));
      }
      if (at < series.length) throw new Error('the text has fewer series than the first one');
      knownLabels.clear();
    },
  };
}

function setValue(copied: CopiedSeries, value: number): void {
  const { metric, labels, value: before } = copied;
  if (metric instanceof Gauge) metric.set(labels, value);
  else metric.inc(labels, value - before);
  copied.value = value;
}

const familyOf = new Map(pushFamilies.map((family) => [lineName(family), family]));

function newMetric(name: string, labelNames: string[], registry: Registry<RegistryContentType>) {
  const family = familyOf.get(name);
  if (family === undefined) throw new Error(`${name} is not a push family`);
  const registers = [registry];
  const { help, type } = family;
  return type === 'counter'
    ? new Counter({ name, help, labelNames, registers })
    : new Gauge({ name, help, labelNames, registers });
}

/** Yields the lines of push families. */
export function* streamLines(text: string): Generator<string> {
  for (let at = 0; at < text.length; ) {
    const end = text.indexOf('\n', at);
    const brace = text.indexOf('{', at);
    if (brace > at && brace < end && familyOf.has(text.slice(at, brace))) yield text.slice(at, end);
    at = end + 1;
  }
}

function parseLabels(text: string): Labels {
  const pairs = text.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g);
  return Object.fromEntries([...pairs].map(([, name = '', value = '']) => [name, withoutEscapes(value)]));
}

function withoutEscapes(value: string): string {
  return value.replaceAll(/\\(.)/g, (_, letter: string) => (letter === 'n' ? '\n' : letter));
}
