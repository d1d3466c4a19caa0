import { toJsonSchema } from '../config/schema/config.ts';

/** Returns the JSON Schema of the config as text. Editors use the schema for completion and validation. */
export function configSchema(): string {
  return `${JSON.stringify(toJsonSchema(), undefined, 2)}\n`;
}
