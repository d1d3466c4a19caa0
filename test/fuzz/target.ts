import type { Draws } from '../chaos/draws.ts';

/** What is fuzzed, and what holds for every input. */
export interface FuzzTarget {
  readonly name: string;
  /** Creates what all cases share, such as a server or a state to damage. */
  open(): Promise<FuzzSession>;
}

export interface FuzzSession {
  /** Returns the input of one case, which JSON can represent. It depends on nothing but `draws`. */
  generate(draws: Draws): unknown;
  /** Rejects if the input breaks a law. */
  check(input: unknown): Promise<void>;
  close(): Promise<void>;
}

export interface SessionOf<Input> {
  generate(draws: Draws): Input;
  check(input: Input): Promise<void> | void;
  close?(): Promise<void> | void;
}

/** Creates a target from a session with a typed input. */
export function targetOf<Input>(
  name: string,
  open: () => SessionOf<Input> | Promise<SessionOf<Input>>,
): FuzzTarget {
  return {
    name,
    async open() {
      const session = await open();
      return {
        generate: (draws) => session.generate(draws),
        // The cast is safe: inputs come from `generate` of the same target, directly or from a saved file.
        check: async (input) => session.check(input as Input),
        close: async () => session.close?.(),
      };
    },
  };
}

/** Error of an input that breaks a law of its target. */
export class BrokenLaw extends Error {
  override readonly name = 'BrokenLaw';
}

/** Throws a BrokenLaw with the text of the law if `holds` is false. */
export function law(holds: boolean, text: string, ...details: readonly unknown[]): asserts holds {
  if (!holds) throw new BrokenLaw([text, ...details.map((detail) => JSON.stringify(detail))].join(': '));
}

/** Text that no output must contain. It has the form of a key, so that only careful code hides it. */
export const plantedSecret = 'Zq7Planted4Secret9Kx2Lw8';

/** Throws if a text that the operator sees contains a planted secret or a stack. */
export function lawOfTexts(texts: readonly string[], secrets: readonly string[] = [plantedSecret]): void {
  for (const text of texts) {
    for (const secret of secrets) law(!text.includes(secret), 'no output contains a secret', text);
    // An argument or a name can contain file://, but no position in a file after it.
    law(!/^\s+at .*[:(]|file:\/\/\S*:\d+:\d+/m.test(text), 'no output contains a stack', text);
  }
}

/** Throws if a message has more than one line, or characters that change what a terminal shows. */
export function lawOfLines(lines: readonly string[], secrets?: readonly string[]): void {
  lawOfTexts(lines, secrets);
  for (const line of lines) {
    law(
      !/[\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]/u.test(line),
      'a message is one line of visible text',
      line,
    );
    law(line.isWellFormed(), 'a message is well-formed Unicode', line);
    law(line.length <= 5000, 'a message is short', line.slice(0, 300), line.length);
  }
}
