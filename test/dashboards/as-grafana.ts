import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard';
import { panelsOf, variablesOf } from './panels.ts';

/** A query of a panel, an annotation or a variable, as Grafana sends it. */
export interface SentQuery {
  /** Title of the panel, or name of the annotation or variable. */
  readonly title: string;
  readonly query: string;
  /** In seconds; undefined for an instant query. */
  readonly stepSeconds?: number;
}

export interface View {
  /** Length of the time range in seconds. */
  readonly rangeSeconds: number;
  readonly endSeconds: number;
  readonly scrapeSeconds: number;
  /** Selected values, by variable; all values if there is none. */
  readonly selected?: Readonly<Record<string, string>>;
  /** Width of the window in px. */
  readonly width?: number;
}

/** Steps that Grafana rounds an interval to, in seconds. Source: Grafana, `rangeUtil.roundInterval`. */
const roundSteps = [1, 2, 5, 10, 15, 20, 30, 60, 120, 300, 600, 900, 1200, 1800, 3600, 7200, 10_800, 21_600];

/** Returns what Grafana sends for one refresh of all panels and annotations. */
export function sentQueries(dashboard: Dashboard, view: View): readonly SentQuery[] {
  const { width = 1600 } = view;
  const ofPanels = panelsOf(dashboard).flatMap(
    ({ title = '', targets, gridPos, maxDataPoints, interval }) => {
      const points = maxDataPoints ?? Math.round(((gridPos?.w ?? 24) * width) / 24);
      const minStepSeconds = interval === undefined ? view.scrapeSeconds : secondsOf(interval);
      const stepSeconds = Math.max(minStepSeconds, rounded(view.rangeSeconds / points));
      return targets.map(({ expr, instant = false }) => ({
        title,
        query: interpolate(dashboard, expr, view, stepSeconds),
        ...(instant ? {} : { stepSeconds }),
      }));
    },
  );
  const stepSeconds = Math.max(view.scrapeSeconds, rounded(view.rangeSeconds / width));
  const ofAnnotations = (dashboard.annotations?.list ?? []).map(({ name, target }) => ({
    title: name,
    // Cast: all annotations query Prometheus, which a test of the data source checks.
    query: interpolate(dashboard, (target as unknown as { expr: string }).expr, view, stepSeconds),
    stepSeconds,
  }));
  return [...ofPanels, ...ofAnnotations];
}

/** Returns the selector and the label of each query variable. */
export function sentVariables(dashboard: Dashboard, view: View) {
  return variablesOf(dashboard)
    .filter(({ type }) => type === 'query')
    .map(({ name, definition = '' }) => {
      const [, selector = '', label = ''] = /^label_values\((.+), (\w+)\)$/.exec(definition) ?? [];
      return { name, label, selector: interpolate(dashboard, selector, view, view.scrapeSeconds) };
    });
}

function interpolate(
  dashboard: Dashboard,
  expr: string,
  { rangeSeconds, endSeconds, scrapeSeconds, selected = {} }: View,
  stepSeconds: number,
): string {
  const builtIn: Readonly<Record<string, string>> = {
    __range: `${rangeSeconds}s`,
    __range_s: String(rangeSeconds),
    __from: String((endSeconds - rangeSeconds) * 1000),
    __interval: `${stepSeconds}s`,
    // Source: Grafana, documentation of the Prometheus data source, "$__rate_interval". The minimum interval of a panel
    // makes the step longer, but is no scrape interval.
    __rate_interval: `${Math.max(stepSeconds + scrapeSeconds, 4 * scrapeSeconds)}s`,
  };
  const isText = /\$\{(\w+):text\}/g;
  const textOf = (name: string): string => {
    const { options = [], current } = variablesOf(dashboard).find((each) => each.name === name) ?? {};
    const value = selected[name] ?? currentOf(current?.value);
    const text = options.find((option) => option.value === value)?.text;
    if (typeof text !== 'string') throw new Error(`no option ${value} of the variable ${name}`);
    return text;
  };
  return expr
    .replaceAll(isText, (_, name: string) => textOf(name))
    .replaceAll(/\$(\w+)/g, (whole, name: string) => {
      if (/^\d+$/.test(name)) return whole;
      const variable = variablesOf(dashboard).find((each) => each.name === name);
      const value =
        builtIn[name] ??
        selected[name] ??
        (variable?.includeAll ? variable.allValue : currentOf(variable?.current?.value));
      if (value === undefined) throw new Error(`no value for the variable $${name} in ${expr}`);
      return value;
    });
}

function currentOf(value: string | readonly string[] | undefined): string | undefined {
  return typeof value === 'string' ? value : value?.[0];
}

function rounded(seconds: number): number {
  return roundSteps.find((step) => step >= seconds * 0.75) ?? seconds;
}

function secondsOf(duration: string): number {
  const [, number, unit] = /^(\d+)(s|m)$/.exec(duration) ?? [];
  if (number === undefined) throw new Error(`unknown duration ${duration}`);
  return Number(number) * (unit === 'm' ? 60 : 1);
}
