/** Reports whether a whole name matches a pattern. */
export type NameMatcher = (name: string) => boolean;

/** Reason why a text is not a pattern. */
export class PatternError extends Error {}

type CharTest = (char: string) => boolean;

/** Part of a parsed pattern. `max` can be Infinity. */
type Node =
  | { readonly kind: 'char'; readonly test: CharTest }
  | { readonly kind: 'sequence' | 'choice'; readonly nodes: readonly Node[] }
  | { readonly kind: 'repeat'; readonly node: Node; readonly min: number; readonly max: number };

/**
 * State of the automaton. With `test`, it consumes one character that passes the test. Without, it consumes nothing.
 * The final state has no `next`.
 */
interface State {
  readonly test?: CharTest;
  readonly next: number[];
}

/** Maximum number of states, which limits the time of a match: `.{1000}` needs 1000 states. */
const maxStates = 1_000;

/** Maximum depth of nested groups. */
const maxDepth = 50;

/**
 * Compiles a pattern: a regular expression that must match the whole name, as in the relabeling of Prometheus. It has
 * the syntax that RE2 and JavaScript share, without backreferences, lookaround and word boundaries. The matcher
 * simulates an automaton, so its time grows linearly with the length of the name: names come from publishers, and with
 * a backtracking engine, one name could block the event loop for minutes. Throws a PatternError.
 */
export function compilePattern(pattern: string): NameMatcher {
  const states: State[] = [{ next: [] }];
  const start = addStates(states, parsePattern(pattern), 0);
  return (name) => matches(states, start, name);
}

/** Adds the states of a node that continue at the state `next`. Returns the first state. */
function addStates(states: State[], node: Node, next: number): number {
  switch (node.kind) {
    case 'char':
      return addState(states, { test: node.test, next: [next] });
    case 'sequence':
      return node.nodes.reduceRight((after, part) => addStates(states, part, after), next);
    case 'choice':
      return addState(states, { next: node.nodes.map((part) => addStates(states, part, next)) });
    case 'repeat': {
      let first = next;
      if (node.max === Infinity) {
        const loop: State = { next: [next] };
        first = addState(states, loop);
        loop.next.push(addStates(states, node.node, first));
      } else {
        for (let i = node.min; i < node.max; i++) {
          first = addState(states, { next: [addStates(states, node.node, first), next] });
        }
      }
      for (let i = 0; i < node.min; i++) {
        const before = first;
        first = addStates(states, node.node, first);
        // The node adds no state, as in `(){1000000000}`, so more repetitions change nothing.
        if (first === before) break;
      }
      return first;
    }
    default:
      return node satisfies never;
  }
}

function addState(states: State[], state: State): number {
  if (states.length >= maxStates) throw new PatternError('is too complex; use smaller repetitions');
  return states.push(state) - 1;
}

function matches(states: readonly State[], start: number, name: string): boolean {
  /** Step in which each state was entered last, so that no state is entered twice in one step. */
  const enteredAt = new Int32Array(states.length).fill(-1);
  let step = 0;
  let current: State[] = [];
  const enter = (index: number): void => {
    const state = states[index];
    if (state === undefined || enteredAt[index] === step) return;
    enteredAt[index] = step;
    current.push(state);
    if (state.test === undefined) state.next.forEach(enter);
  };
  enter(start);
  for (const char of name) {
    const before = current;
    current = [];
    step++;
    for (const { test, next } of before) if (test?.(char)) next.forEach(enter);
    if (current.length === 0) return false;
  }
  return enteredAt[0] === step;
}

const word: CharTest = (char) => /^\w$/.test(char);
const digit: CharTest = (char) => /^\d$/.test(char);
const space: CharTest = (char) => /^[\t\n\f\r ]$/.test(char);
const not =
  (test: CharTest): CharTest =>
  (char) =>
    !test(char);

const escapes: Readonly<Record<string, CharTest>> = {
  w: word,
  W: not(word),
  d: digit,
  D: not(digit),
  s: space,
  S: not(space),
};

/** Parses a pattern by recursive descent. */
function parsePattern(pattern: string): Node {
  const chars = [...pattern];
  let at = 0;
  let depth = 0;

  const take = (): string => {
    const char = chars[at++];
    if (char === undefined) throw new PatternError('ends unexpectedly');
    return char;
  };
  const takeIf = (text: string): boolean => {
    const isNext = chars.slice(at, at + text.length).join('') === text;
    if (isNext) at += text.length;
    return isNext;
  };

  function parseChoice(): Node {
    if (++depth > maxDepth) throw new PatternError('has too many nested groups');
    const nodes = [parseSequence()];
    while (takeIf('|')) nodes.push(parseSequence());
    depth--;
    return nodes.length === 1 && nodes[0] !== undefined ? nodes[0] : { kind: 'choice', nodes };
  }

  function parseSequence(): Node {
    const nodes: Node[] = [];
    while (at < chars.length && chars[at] !== '|' && chars[at] !== ')') {
      // The whole name must match in any case, so these signs change nothing at the ends of the pattern.
      if (at === 0 && takeIf('^')) continue;
      if (at === chars.length - 1 && takeIf('$')) continue;
      nodes.push(parseRepeat(parseAtom()));
    }
    return { kind: 'sequence', nodes };
  }

  function parseRepeat(node: Node): Node {
    const range = parseRange();
    if (range === undefined) return node;
    // A sign for the shortest match changes only which part of the name matches, and here all of it must match.
    takeIf('?');
    if (parseRange() !== undefined) throw new PatternError('repeats a repetition; use a group');
    const [min, max] = range;
    if (min > max) throw new PatternError('has a repetition whose minimum is above its maximum');
    return { kind: 'repeat', node, min, max };
  }

  /** Parses the sign of a repetition. Returns its minimum and maximum; undefined if there is no such sign. */
  function parseRange(): readonly [number, number] | undefined {
    if (takeIf('*')) return [0, Infinity];
    if (takeIf('+')) return [1, Infinity];
    if (takeIf('?')) return [0, 1];
    const [all, min = '', comma, max = ''] =
      /^\{(\d+)(,?)(\d*)\}/.exec(chars.slice(at, at + 20).join('')) ?? [];
    if (all === undefined || (comma === '' && max !== '')) return undefined;
    at += all.length;
    if (comma === '') return [Number(min), Number(min)];
    return [Number(min), max === '' ? Infinity : Number(max)];
  }

  function parseAtom(): Node {
    const char = take();
    switch (char) {
      case '(': {
        if (takeIf('?') && !takeIf(':')) {
          throw new PatternError('has a group with (?, which is not supported except for (?:');
        }
        const node = parseChoice();
        if (!takeIf(')')) throw new PatternError('has a ( without )');
        return node;
      }
      case '[':
        return { kind: 'char', test: parseClass() };
      case '.':
        return { kind: 'char', test: (other) => other !== '\n' };
      case '\\':
        return { kind: 'char', test: parseEscape() };
      case '*':
      case '+':
      case '?':
      case '{':
        throw new PatternError(`has a ${char} with nothing to repeat; write \\${char} for the character`);
      case '^':
      case '$':
        throw new PatternError(`has a ${char} inside; it always matches the whole name`);
      default:
        return { kind: 'char', test: (other) => other === char };
    }
  }

  function parseEscape(): CharTest {
    const char = take();
    const test = escapes[char];
    if (test !== undefined) return test;
    if (/[A-Za-z0-9]/.test(char)) throw new PatternError(`has \\${char}, which is not supported`);
    return (other) => other === char;
  }

  function parseClass(): CharTest {
    const isNegated = takeIf('^');
    const tests: CharTest[] = [];
    for (let isFirst = true; isFirst || chars[at] !== ']'; isFirst = false) tests.push(parseClassItem());
    at++;
    const test: CharTest = (char) => tests.some((each) => each(char));
    return isNegated ? not(test) : test;
  }

  function parseClassItem(): CharTest {
    const from = take();
    if (from === '[' && chars[at] === ':')
      throw new PatternError('has a class such as [:alpha:], which is not supported');
    const test = from === '\\' ? parseEscape() : undefined;
    // In `[a-]`, the hyphen is a character.
    if (chars[at] !== '-' || chars[at + 1] === ']') return test ?? ((char) => char === from);
    at++;
    const to = take();
    if (test !== undefined || to === '\\')
      throw new PatternError('has a range with an escape, which is not supported');
    const [first, last] = [from.codePointAt(0) ?? 0, to.codePointAt(0) ?? 0];
    if (first > last)
      throw new PatternError(`has the range ${from}-${to}, whose ends are in the wrong order`);
    return (char) => {
      const code = char.codePointAt(0) ?? -1;
      return code >= first && code <= last;
    };
  }

  const node = parseChoice();
  if (at < chars.length) throw new PatternError('has a ) without (');
  return node;
}

/** Returns the reason why a text is not a pattern; undefined if it is one. */
export function patternProblem(pattern: string): string | undefined {
  try {
    compilePattern(pattern);
    return undefined;
  } catch (error) {
    if (error instanceof PatternError) return error.message;
    throw error;
  }
}
