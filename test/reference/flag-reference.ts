import { usage } from '../../src/commands/flags.ts';
import { tableOf } from './table.ts';

const intro = `# Command-line reference

Every command and flag. Written by \`npm run reference\` from the text that \`livestream-exporter --help\` prints; don't
edit it. Write a value as \`--flag=value\` or \`--flag value\`. [configuration.md](../configuration.md) describes
the config.`;

/** A command of the program, with its flags. */
interface Command {
  readonly name: string;
  readonly meaning: string;
  readonly flags: readonly Flag[];
}

interface Flag {
  readonly name: string;
  /** Default, or a placeholder in capitals; undefined for a switch. */
  readonly value: string | undefined;
  readonly meaning: string;
}

/** Returns the page with every command and flag. */
export function flagPage(): string {
  const parts = parseUsage(usage).map(({ name, meaning, flags }) => {
    const text = `## \`${name}\`\n\n${meaning[0]?.toUpperCase()}${meaning.slice(1)}.`;
    if (flags.length === 0) return text;
    const rows = flags.map((flag) => [`\`--${flag.name}${formOf(flag)}\``, defaultOf(flag), flag.meaning]);
    return `${text}\n\n${tableOf(['flag', 'default', 'meaning'], rows)}`;
  });
  return `${[intro, ...parts].join('\n\n')}\n`;
}

/** Reports whether the value of a flag is a placeholder in capitals, and not its default. */
function isPlaceholder(value: string): boolean {
  return /^[A-Z]+$/.test(value);
}

function formOf({ value }: Flag): string {
  return value !== undefined && isPlaceholder(value) ? `=${value}` : '';
}

function defaultOf({ value }: Flag): string {
  if (value === undefined) return 'off';
  return isPlaceholder(value) ? '' : `\`${value}\``;
}

/** Returns the flags that have a default, with the arguments of their command. */
export function flagsWithDefault(): readonly {
  readonly command: string;
  readonly flag: string;
  readonly value: string;
}[] {
  return parseUsage(usage).flatMap(({ name, flags }) =>
    flags.flatMap(({ name: flag, value }) =>
      value === undefined || isPlaceholder(value) ? [] : [{ command: name, flag, value }],
    ),
  );
}

/** Parses the usage text. Throws if it has a line in another form. */
export function parseUsage(text: string): readonly Command[] {
  const [, body = ''] = /\n\n {2}([\s\S]*?)\n\n {2}--help/.exec(text) ?? [];
  return body.split(/\n {2}(?! )/).map((block) => {
    const [head = '', ...lines] = block.split('\n');
    const [, name = '', meaning = ''] = /^(\S+(?: [A-Z]+)?) {2,}(.+)$/.exec(head) ?? unreadable(head);
    return { name, meaning, flags: lines.map(toFlag) };
  });
}

function toFlag(line: string): Flag {
  const [, name = '', value, meaning = ''] =
    /^ {4}--([\w.-]+)(?:=(\S+))? {2,}(.+)$/.exec(line) ?? unreadable(line);
  return { name, value, meaning };
}

function unreadable(line: string): never {
  throw new Error(`unreadable line of the usage text: ${line}`);
}
