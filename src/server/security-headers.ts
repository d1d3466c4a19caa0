import type { RequestHandler } from 'express';

/**
 * Adds security headers to every response. The Content-Security-Policy forbids scripts, external resources and framing,
 * and allows only the inline style sheet with the hash `styleHash`.
 */
export function createSecurityHeaders(styleHash: string): RequestHandler {
  const policy = [
    "default-src 'none'",
    `style-src '${styleHash}'`,
    'img-src data:',
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
  return (_request, response, next) => {
    response.set({
      'Content-Security-Policy': policy,
      'X-Content-Type-Options': 'nosniff',
      'Referrer-Policy': 'no-referrer',
      'Cross-Origin-Resource-Policy': 'same-origin',
    });
    next();
  };
}
