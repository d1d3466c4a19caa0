import { toJsonSchema } from '../config/schema/config.ts';

/** Returns the JSON Schema of the config, for editors. */
export function configSchema(): string {
  return `${JSON.stringify(toJsonSchema(), undefined, 2)}\n`;
}
