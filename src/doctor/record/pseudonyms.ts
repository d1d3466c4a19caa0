import { isIPv6 } from 'node:net';

/**
 * Kinds of texts that are replaced. Each kind has a form of its own, so that the shape of a response stays.
 */
export type PseudonymKind = 'stream' | 'app' | 'push_domain' | 'domain' | 'address' | 'id' | 'field' | 'text';

export type Pseudonyms = ReturnType<typeof createPseudonyms>;

/**
 * Creates the replacements of names, addresses and IDs. Equal texts of a kind have the same replacement. The
 * texts of `domain` and `push_domain` are one kind: the first use of a domain decides its form.
 */
export function createPseudonyms() {
  const known = new Map<string, Map<string, string>>();

  function remember(group: string, real: string, create: (number: number) => string): string {
    const own = known.get(group) ?? new Map<string, string>();
    known.set(group, own);
    const before = own.get(real);
    if (before !== undefined) return before;
    const created = create(own.size + 1);
    own.set(real, created);
    return created;
  }

  return {
    /** Returns the replacement of a text. Domains and addresses are compared without case. */
    of(kind: PseudonymKind, real: string): string {
      switch (kind) {
        case 'push_domain':
        case 'domain': {
          const stem = kind === 'domain' ? 'domain' : 'push';
          return remember('domain', real.toLowerCase(), (number) => `${stem}-${number}.example.com`);
        }
        case 'address':
          return remember(isIPv6(real) ? 'v6' : 'v4', real.toLowerCase(), isIPv6(real) ? toV6 : toV4);
        case 'id':
          return remember('id', real, (number) => withNumber(real, number));
        default:
          return remember(kind, real, (number) => `${kind}-${number}`);
      }
    },
  };
}

/** Reports whether a name has the form of a replacement, so that it identifies nobody. */
export function isPseudonym(name: string): boolean {
  return /^((stream|app|field|text)-\d+|(domain|push)-\d+\.example\.com)$/i.test(name);
}

/**
 * Returns an address of a block for documentation (RFC 5737), or, if it is used up, for benchmarks (RFC
 * 2544).
 */
function toV4(number: number): string {
  if (number <= 254) return `192.0.2.${number}`;
  return `198.18.${(number >> 8) & 255}.${number & 255}`;
}

/** Returns an address of the block for documentation (RFC 3849). */
function toV6(number: number): string {
  return `2001:db8::${number.toString(16)}`;
}

/**
 * Returns an ID of the same shape: each digit and letter becomes 0, the last ones become the number. The
 * first digit of a number becomes 1, so that it stays a number with as many digits.
 */
function withNumber(real: string, number: number): string {
  const zeros = real.replaceAll(/[\p{L}\p{N}]/gu, '0');
  const digits = String(number);
  const chars = [...zeros];
  let left = digits.length;
  for (let i = chars.length - 1; i >= 0 && left > 0; i--) {
    if (chars[i] === '0') chars[i] = digits[--left] ?? '0';
  }
  const first = chars.indexOf('0');
  if (/^-?\d+(\.\d+)?$/.test(real) && chars.length > digits.length && first >= 0) chars[first] = '1';
  return `${digits.slice(0, left)}${chars.join('')}`;
}
