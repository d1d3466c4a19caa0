import type { Request } from 'express';
import type { OverviewQuery } from '../status/overview.ts';
import type { StreamOrder } from '../status/stream-order.ts';
import { streamsPerPage } from './limits.ts';
import { filterParameters, parseFilter } from './stream-query.ts';

/** What the URL of the status page selects. Invalid parameters are ignored, so that every URL shows a page. */
export interface PageQuery extends OverviewQuery {
  readonly isRefreshing: boolean;
  /** Valid parameters of the URL, in a fixed order. */
  readonly parameters: Parameters;
}

type Parameters = Readonly<Partial<Record<string, string>>>;

const sortKeys: readonly StreamOrder['by'][] = ['state', 'name', 'fps', 'bitrate', 'trouble'];
const ownParameters = ['view', 'sort', 'page', 'refresh', 'lang'];

export function parsePageQuery(query: Request['query']): PageQuery {
  const parameters: Record<string, string> = {};
  for (const name of [...filterParameters, ...ownParameters]) {
    const value = query[name];
    if (typeof value === 'string' && value !== '' && isValid(name, value)) parameters[name] = value;
  }
  const filter = parseFilter(parameters);
  return {
    filter: typeof filter === 'string' ? {} : filter,
    isRecovered: parameters.view === 'recovered',
    isInterrupted: parameters.view === 'interrupted',
    order: parseOrder(parameters.sort) ?? { by: 'state', isReversed: false },
    page: Number(parameters.page ?? 1),
    perPage: streamsPerPage,
    isRefreshing: parameters.refresh !== 'off',
    parameters,
  };
}

function isValid(name: string, value: string): boolean {
  switch (name) {
    case 'view':
      return value === 'recovered' || value === 'interrupted';
    case 'sort':
      return parseOrder(value) !== undefined;
    case 'page':
      return /^[1-9]\d{0,5}$/.test(value);
    case 'refresh':
      return value === 'off';
    case 'lang':
      return value === 'en' || value === 'zh';
    default:
      return typeof parseFilter({ [name]: value }) !== 'string';
  }
}

/** Parses the name of a property, after `-` for the opposite order. */
function parseOrder(text = ''): StreamOrder | undefined {
  const by = sortKeys.find((key) => key === text.replace(/^-/, ''));
  return by && { by, isReversed: text.startsWith('-') };
}

/** Returns the URL of the page of a stream, relative to the status page, in the language of this page. */
export function streamHref(query: Pick<PageQuery, 'parameters'>, key: string): string {
  return hrefOf(query, {}).replace('./', () => `streams/${key}`);
}

/** Returns a relative URL of the status page that selects only this, in the language of the page and with its refresh. */
export function hrefOf(
  { parameters: { refresh, lang } }: Pick<PageQuery, 'parameters'>,
  selection: Readonly<Record<string, string | undefined>>,
): string {
  return hrefWith({ parameters: {} }, { ...selection, refresh, lang });
}

/** Returns a relative URL of the status page with changed parameters. An undefined value removes a parameter. */
export function hrefWith(
  { parameters }: Pick<PageQuery, 'parameters'>,
  changes: Readonly<Record<string, string | undefined>>,
): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries({ ...parameters, ...changes })) {
    if (value !== undefined) search.append(name, value);
  }
  return search.size === 0 ? './' : `./?${search}`;
}
