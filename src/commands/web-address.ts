/** Where clients reach the HTTP server, from the flags `--web.external-url` and `--web.route-prefix`. */
export interface WebAddress {
  /** URL without a slash at its end; undefined if it is unknown. */
  readonly externalUrl: string | undefined;
  /** Path below which all endpoints are, such as `/live`; empty for the root. */
  readonly routePrefix: string;
}

/**
 * Reads the two flags as Prometheus does: an empty value counts as absent, and the prefix is the path of the
 * external URL by default. Throws an error with the reason if a value is unusable.
 */
export function toWebAddress(externalUrl = '', routePrefix = ''): WebAddress {
  const url = externalUrl === '' ? undefined : parseExternalUrl(externalUrl);
  const path = routePrefix === '' ? (url?.pathname ?? '') : routePrefix;
  const trimmed = path.replaceAll(/^\/+|\/+$/g, '');
  const problem = trimmed === '' ? undefined : pathProblem(trimmed);
  if (problem !== undefined) {
    throw new Error(
      routePrefix === ''
        ? `--web.external-url: its path is the default of --web.route-prefix, which ${problem}; set --web.route-prefix`
        : `--web.route-prefix: ${JSON.stringify(routePrefix)} ${problem}`,
    );
  }
  return {
    externalUrl: url && `${url.origin}${url.pathname.replace(/\/+$/, '')}`,
    routePrefix: trimmed === '' ? '' : `/${trimmed}`,
  };
}

function parseExternalUrl(text: string): URL {
  const fail = (reason: string) => new Error(`--web.external-url: ${reason}`);
  const url = URL.parse(text);
  if (url === null || !/^https?:\/\//i.test(text)) {
    // A text with an @ can contain a password.
    const got = text.includes('@') ? '' : `, got ${JSON.stringify(text)}`;
    throw fail(`expected a URL such as https://monitoring.example.com/live${got}`);
  }
  if (url.username !== '' || url.password !== '') throw fail('remove the user and the password');
  if (url.search !== '' || url.hash !== '') throw fail('remove the part after ? or #');
  return url;
}

/** None of the allowed characters is special in a route of express, in HTML or in a URL. */
function pathProblem(path: string): string | undefined {
  if (!/^[\w./~-]+$/.test(path)) return 'can contain only letters, digits and . / _ ~ -';
  if (path.split('/').some((part) => ['', '.', '..'].includes(part))) {
    return 'must not contain an empty part, . or ..';
  }
  return undefined;
}
