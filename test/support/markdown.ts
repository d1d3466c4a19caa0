/** Code block of a Markdown page. */
export interface CodeBlock {
  /** Language after the opening fence; empty if the block names none. */
  readonly language: string;
  readonly code: string;
}

/** Returns the code blocks of a Markdown text, in order. */
export function blocksIn(text: string): readonly CodeBlock[] {
  return [...text.matchAll(/^ *```(\w*)\n([\s\S]*?)^ *```/gm)].map(([, language = '', code = '']) => ({
    language,
    code,
  }));
}

/**
 * Returns a page with other text between its marker comments `<!-- NAME -->` and `<!-- end of NAME -->`. `path` is for
 * the error message.
 */
export function withGenerated(page: string, name: string, generated: string, path = 'page'): string {
  const [before, , after] = page.split(new RegExp(`(?<=<!-- ${name} -->\\n)|(?=<!-- end of ${name} -->)`));
  if (before === undefined || after === undefined) {
    throw new Error(`${path}: no marker comments for ${name}`);
  }
  return `${before}\n${generated.trim()}\n\n${after}`;
}

/**
 * Returns the command lines of the shell blocks of a Markdown text, in order, without continuation lines. A comment
 * stays, because it can name what the command needs.
 */
export function shellLinesIn(text: string): readonly string[] {
  return blocksIn(text)
    .filter(({ language }) => language === 'sh')
    .flatMap(({ code }) => code.replaceAll(/\\\n */g, '').split('\n'))
    .map((line) => line.trim())
    .filter((line) => line !== '');
}

/** Returns the queries of the PromQL blocks of a Markdown text, in order. */
export function queriesIn(text: string): readonly string[] {
  return blocksIn(text)
    .filter(({ language }) => language === 'promql')
    .flatMap(({ code }) => code.trim().split('\n'))
    .map((line) => line.trim());
}
