import { type ParseArgsOptionsConfig, parseArgs } from 'node:util';
import { didYouMean } from '../text/did-you-mean.ts';

/** Splits arguments into flags and positional ones. Throws an error that names the first invalid argument. */
export function parse<T extends ParseArgsOptionsConfig>(args: readonly string[], options: T) {
  rejectUnknownFlag(args, options);
  return parseArgs({ args: [...args], options, allowPositionals: true, strict: true });
}

/**
 * Throws an error for the first flag that is not in `options` or that starts with only one hyphen. parseArgs
 * alone does not suffice: it would parse `-config.file` as the short flag `-c`, and its errors suggest no
 * similar flag.
 */
function rejectUnknownFlag(args: readonly string[], options: ParseArgsOptionsConfig): void {
  const lenient = { args: [...args], options, allowPositionals: true, strict: false, tokens: true } as const;
  for (const token of parseArgs(lenient).tokens) {
    if (token.kind !== 'option') continue;
    const [, hyphens = '', name = ''] = /^(--?)([^=]*)/.exec(args[token.index] ?? '') ?? [];
    if (!Object.hasOwn(options, name)) {
      const known = Object.keys(options).map((flag) => `--${flag}`);
      throw new Error(`unknown flag ${hyphens}${name}${suggestionFor(`--${name}`, known)}`);
    }
    if (hyphens === '-') throw new Error(`flags start with two hyphens: --${name}, not -${name}`);
  }
}

/** Suggests a similar flag, or the only flag that begins with `flag`, such as `--config.file` for `--config`. */
function suggestionFor(flag: string, known: readonly string[]): string {
  const longer = known.filter((each) => each.startsWith(flag));
  return didYouMean(flag, known) || (longer.length === 1 ? `; did you mean "${longer[0]}"?` : '');
}
