import type { RequestHandler } from 'express';
import { scriptHash } from './page-script.ts';
import { styleHash } from './page-style.ts';

/**
 * Content-Security-Policy that forbids external resources and framing. It allows only the inline style sheet and the
 * inline script of the pages, requests of this script to the exporter, and the search form.
 */
const contentSecurityPolicy = [
  "default-src 'none'",
  `style-src '${styleHash}'`,
  `script-src '${scriptHash}'`,
  "connect-src 'self'",
  'img-src data:',
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join('; ');

const securityHeaders = {
  'Content-Security-Policy': contentSecurityPolicy,
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Resource-Policy': 'same-origin',
};

/** The headers with `X-Frame-Options: sameorigin` of the web config, which browsers ignore beside `frame-ancestors`. */
const framedHeaders = {
  ...securityHeaders,
  'Content-Security-Policy': contentSecurityPolicy.replace(
    "frame-ancestors 'none'",
    "frame-ancestors 'self'",
  ),
};

/** Adds security headers to every response. A header that the web config has set stays. */
export const addSecurityHeaders: RequestHandler = (_request, response, next) => {
  const isFramed = response.getHeader('X-Frame-Options') === 'sameorigin';
  for (const [name, value] of Object.entries(isFramed ? framedHeaders : securityHeaders)) {
    if (!response.hasHeader(name)) response.setHeader(name, value);
  }
  next();
};
