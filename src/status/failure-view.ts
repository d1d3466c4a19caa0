import type { FailureInput } from './inputs.ts';
import { toIso } from './json.ts';

/** Hides the message of an internal error: it can contain secrets, such as a signed URL. The log redacts them. */
export function toFailureView({ kind, message, at }: FailureInput) {
  return {
    kind,
    message: kind === 'internal' ? 'internal error (see the exporter log)' : message,
    at: toIso(at),
  };
}
