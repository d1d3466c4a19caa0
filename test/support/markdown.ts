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
