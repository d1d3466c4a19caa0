import type { FailureInput } from './inputs.ts';
import { toIso } from './json.ts';

export interface FailureView {
  readonly kind: string;
  readonly message: string;
  readonly at: string;
}

/** A bug of ours may quote anything in its message, a signed URL too: that is for the log, which redacts. */
export function toFailureView({ kind, message, at }: FailureInput): FailureView {
  return {
    kind,
    message: kind === 'internal' ? 'a fault in the exporter; its log says more' : message,
    at: toIso(at),
  };
}
