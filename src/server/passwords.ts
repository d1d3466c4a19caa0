import { createHmac } from 'node:crypto';

/**
 * Compares a password with a bcrypt hash, which takes a tenth of a second and more. Resolves with undefined if
 * too many comparisons wait already.
 */
export type ComparePassword = (password: string, hash: string) => Promise<boolean | undefined>;

/** Maximum number of wrong passwords that are remembered. The exporter-toolkit remembers as many logins. */
const maxRemembered = 100;

/**
 * Hash of a password that nobody has. It is compared for an unknown user, so that the time of a response does
 * not tell whether a user exists.
 */
const nobody = '$2b$10$tey/VUizJjrEAKKugAC0ku86ifv4JMjBRLBSSKgFuDYg4VLjYuItW';

/**
 * Creates the check of user and password. A result is remembered, so that a scraper costs one comparison in
 * all. `secret` is a random text: with it, the memory contains no password and no plain hash of one.
 */
export function createPasswords(compare: ComparePassword, secret: string) {
  const right = new Set<string>();
  const wrong = new Set<string>();
  /** Comparisons in progress, so that the same login is compared once. */
  const comparing = new Map<string, Promise<boolean | undefined>>();

  async function compareOnce(key: string, password: string, hash: string, isUser: boolean) {
    const isEqual = await compare(password, hash);
    if (isEqual === undefined) return undefined;
    const isRight = isEqual && isUser;
    const remembered = isRight ? right : wrong;
    remembered.add(key);
    for (const oldest of remembered) {
      if (remembered.size <= maxRemembered) break;
      remembered.delete(oldest);
    }
    return isRight;
  }

  /**
   * Returns whether the password is right; undefined if too many others are compared. The result is a promise
   * only for a login that is not remembered.
   */
  return (
    users: ReadonlyMap<string, string>,
    user: string,
    password: string,
  ): boolean | undefined | Promise<boolean | undefined> => {
    const hash = users.get(user);
    const text = JSON.stringify([user, hash ?? nobody, password]);
    const key = createHmac('sha256', secret).update(text).digest('base64');
    if (right.has(key)) return true;
    if (wrong.has(key)) return false;
    let result = comparing.get(key);
    if (result === undefined) {
      result = compareOnce(key, password, hash ?? nobody, hash !== undefined).finally(() =>
        comparing.delete(key),
      );
      comparing.set(key, result);
    }
    return result;
  };
}
