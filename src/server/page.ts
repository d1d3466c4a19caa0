import type { Severity } from './banner.ts';
import { type Html, html } from './html.ts';
import { icons } from './icon.ts';
import { pageRefreshSeconds } from './limits.ts';
import { pageScript } from './page-script.ts';
import { pageStyle } from './page-style.ts';
import { datedTime, time } from './quantity.ts';
import type { Words } from './words.ts';

export interface PageFrame {
  readonly title: string;
  readonly severity: Severity;
  /** Time of the page, ISO 8601. */
  readonly now: string;
  readonly words: Words;
  readonly isRefreshing: boolean;
  /** Relative URL of the root, which ends with a slash. */
  readonly root: string;
  readonly telemetryPath: string;
  /** Relative URLs: of this page in the other language and with the opposite refresh, and of the status page. */
  readonly links: {
    /** Status page with all streams. */
    readonly home: string;
    readonly language: { readonly href: string; readonly words: Words };
    readonly refresh: string;
  };
  readonly main: Html;
}

/**
 * Time in seconds between two refreshes without the script. A refresh without the script loses what is being typed,
 * so it comes less often.
 */
const refreshWithoutScriptSeconds = 3 * pageRefreshSeconds;

/**
 * Renders a page. It works without its script, which refreshes the page in place, shows local times, and searches
 * while the user types. All URLs are relative, so that the page works under any path of a proxy.
 */
export function pageHtml(frame: PageFrame): string {
  const { title, severity, now, words, isRefreshing, root, telemetryPath, links, main } = frame;
  const { text } = words;
  const refreshMs = isRefreshing ? pageRefreshSeconds * 1000 : 0;
  return `<!doctype html>\n${
    html`<html lang="${words.lang}" data-refresh-ms="${refreshMs}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
${isRefreshing && html`<noscript><meta http-equiv="refresh" content="${refreshWithoutScriptSeconds}"></noscript>`}
<title>${title}</title>
<link rel="icon" href="${favicon(severity)}">
<style>${{ markup: pageStyle }}</style>
</head>
<body>
${icons}
<a class="skip" href="#streams">${text.skipToStreams}</a>
<header>
<h1><a href="${links.home}">livestream-exporter</a></h1><span class="quiet small">${text.asOf} ${time(now, now)}</span>
<nav aria-label="${text.endpoints}" class="small"><a href="${root}${telemetryPath.replace(/^\/+/, '')}">${text.metrics}</a><a href="${root}api/v1/status">JSON</a><a href="${root}-/healthy">${text.health}</a><a href="${root}-/ready">${text.readiness}</a><a href="${links.language.href}" lang="${links.language.words.lang}" hreflang="${links.language.words.lang}">${links.language.words.languageName}</a></nav>
</header>
<p id="stale" class="banner unsure" role="status" hidden>${words.stale} ${datedTime(now)}</p>
<main>
${main}
</main>
<footer class="quiet small">${
      isRefreshing
        ? html`${words.refreshes(pageRefreshSeconds)} · <a href="${links.refresh}">${text.pause}</a>`
        : html`${text.paused} · <a href="${links.refresh}">${words.refresh(pageRefreshSeconds)}</a>`
    }</footer>
<script>${{ markup: pageScript }}</script>
</body>
</html>
`.markup
  }`;
}

/** Colors and symbols of the favicon, which show the state also to people who cannot tell the colors apart. */
const faviconLooks: Readonly<Record<Severity, readonly [color: string, path: string]>> = {
  bad: ['b3261e', 'M16 7v11M16 23.5v.5'],
  warn: ['b26a00', 'M16 7v15M10 17l6 6 6-6'],
  unsure: ['5b6675', 'M12 12.5a4 4 0 1 1 5.5 3.7c-1 .5-1.5 1.2-1.5 2.8M16 23.5v.5'],
  good: ['17724a', 'M9 16.5l5 5 9-11'],
  none: ['5b6675', 'M10 16h12'],
};

function favicon(severity: Severity): string {
  const [color, path] = faviconLooks[severity];
  const svg = `<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 32 32'><circle cx='16' cy='16' r='15' fill='#${color}'/><path d='${path}' fill='none' stroke='#fff' stroke-width='3.4' stroke-linecap='round' stroke-linejoin='round'/></svg>`;
  return `data:image/svg+xml,${encodeURIComponent(svg)}`;
}
