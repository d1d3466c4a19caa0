import { toJsonSchema } from '../config/schema/config.ts';

/** The JSON Schema of the config, for editors. */
export function configSchema(): string {
  return `${JSON.stringify(toJsonSchema(), undefined, 2)}\n`;
}
