import * as z from 'zod';
import { filePath } from './names.ts';
import { endpoint, section } from './values.ts';

/** Maximum number of Alertmanagers. Each has series and a queue of its own. */
const maxAlertmanagers = 10;

/** Returns a schema for the path of a file; an empty text means that there is none. */
function optionalFile() {
  return z.union([z.literal(''), filePath()], { error: 'expected the path of a file, or ""' }).default('');
}

/**
 * Returns a schema for the URL of an Alertmanager. The output does not end in a slash. The path can be a
 * prefix, but not that of the API.
 */
function alertmanagerUrl() {
  return endpoint()
    .refine((url) => !/\/api\/v\d+\b/.test(url), {
      error: 'expected the URL without the path of the API; remove /api and what follows',
    })
    .transform((url) => url.replace(/\/+$/, ''));
}

export const AlertmanagerSection = section({
  urls: z
    .array(alertmanagerUrl())
    .refine((urls) => urls.length <= maxAlertmanagers, { error: `expected at most ${maxAlertmanagers} URLs` })
    .prefault([])
    .describe(
      'URLs of all Alertmanagers of the cluster, at most 10, with their path prefix if they have one. Empty: the exporter posts no alerts.',
    ),
  basic_auth: section({
    username: z.string().max(255).default('').describe('User name for all Alertmanagers. Empty: none.'),
    password_file: optionalFile().describe('File with the password, absolute or relative to this config.'),
  })
    .prefault({})
    .describe('Basic authentication at all Alertmanagers.'),
  bearer_token_file: optionalFile().describe(
    'File with a token that each request carries, absolute or relative to this config. Alternative: basic_auth.',
  ),
  ca_file: optionalFile().describe(
    'PEM file with the certificates that are trusted instead of those of the system, absolute or relative to this config.',
  ),
  language: z.enum(['en', 'zh']).default('en').describe('Language of the annotations.'),
  runbook_base: z
    .union([z.literal(''), endpoint()], {
      error: 'expected an http or https URL without user, password, query or fragment, or ""',
    })
    .prefault('')
    .describe('URL below which you serve docs/runbooks. Empty: alerts have no runbook_url.'),
}).describe('Alertmanagers to which the exporter posts alerts by itself.');
