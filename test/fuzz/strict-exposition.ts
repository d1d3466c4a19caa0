import { law } from './target.ts';

/** One series of a scrape: its name with labels, its labels and its value. */
export interface StrictSeries {
  readonly family: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** Parsed scrape. */
export interface StrictExposition {
  /** Series by the text before the value. */
  readonly series: ReadonlyMap<string, StrictSeries>;
  /** Types by family. */
  readonly types: ReadonlyMap<string, string>;
}

const samplePattern = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (\S+)$/s;
const labelPattern = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\[\\"n])*)"(,|$)/gy;
const valuePattern = /^(NaN|[+-]Inf|[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?)$/;
const suffixes: Readonly<Record<string, RegExp>> = {
  histogram: /_(bucket|sum|count)$/,
  summary: /_(sum|count)$/,
};

/**
 * Parses the text format of Prometheus without tolerance: every family has HELP and TYPE before its samples, samples of a
 * family are together, no series occurs twice, labels are escaped, and a counter is not negative.
 */
export function parseStrictly(text: string): StrictExposition {
  law(text.isWellFormed() && text.endsWith('\n'), 'the exposition is whole lines of well-formed text');
  const types = new Map<string, string>();
  const helps = new Set<string>();
  const series = new Map<string, StrictSeries>();
  let family = '';
  for (const line of text.slice(0, -1).split('\n')) {
    const [, kind, name = '', rest = ''] = /^# (HELP|TYPE) (\S+) (.*)$/.exec(line) ?? [];
    if (kind === 'HELP') {
      law(!helps.has(name), 'a family has one HELP', line);
      helps.add(name);
      continue;
    }
    if (kind === 'TYPE') {
      law(helps.has(name) && !types.has(name), 'a family has one TYPE after its HELP', line);
      law(/^(counter|gauge|histogram|summary|untyped)$/.test(rest), 'a type is known', line);
      types.set(name, rest);
      family = name;
      continue;
    }
    const [, sampleName = '', labelText = '', value = ''] = samplePattern.exec(line) ?? [];
    law(sampleName !== '' && valuePattern.test(value), 'a line is a sample', line);
    const type = types.get(family) ?? '';
    law(
      sampleName === family || sampleName.replace(suffixes[type] ?? /$^/, '') === family,
      'a sample follows its TYPE',
      line,
    );
    const key = line.slice(0, line.lastIndexOf(' '));
    law(!series.has(key), 'a series occurs once', line);
    const number = Number(value.replace('Inf', 'Infinity'));
    law(type !== 'counter' || number >= 0, 'a counter is not negative', line);
    series.set(key, { family, labels: labelsOf(labelText, line), value: number });
  }
  return { series, types };
}

function labelsOf(text: string, line: string): Readonly<Record<string, string>> {
  const labels: Record<string, string> = {};
  let end = 0;
  for (const match of text.matchAll(labelPattern)) {
    const [whole, name = '', value = ''] = match;
    law(!Object.hasOwn(labels, name), 'a label occurs once', line);
    labels[name] = value;
    end = match.index + whole.length;
  }
  law(end === text.length, 'labels are well-formed', line);
  return labels;
}
