import { createHmac } from 'node:crypto';
import type { Client } from './client.ts';
import type { Login } from './login-queue.ts';

/** Compares a password with its hash. Resolves with undefined if too many other comparisons wait. */
type ComparePassword = (login: Login) => Promise<boolean | undefined>;

/** Maximum number of wrong passwords that are remembered. The exporter-toolkit remembers as many logins. */
const maxRemembered = 100;

/**
 * Creates the check of user and password. A result is remembered, so that a scraper costs one comparison in
 * all. `secret` is a random text: with it, the memory contains no password and no plain hash of one.
 */
export function createPasswords(compare: ComparePassword, secret: string) {
  const right = new Set<string>();
  const wrong = new Set<string>();
  /** Comparisons in progress, so that the same login is compared once. */
  const comparing = new Map<string, Promise<boolean | undefined>>();

  async function compareOnce(key: string, login: Login, isUser: boolean) {
    const isEqual = await compare(login);
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
    client: Client,
  ): boolean | undefined | Promise<boolean | undefined> => {
    const known = users.get(user);
    const hash = known ?? slowest(users);
    // An unknown name can have the hash of a user. Without the first item, a removed user could still log in, and a new one
    // could not after an attempt before.
    const text = JSON.stringify([known !== undefined, user, hash, password]);
    const key = createHmac('sha256', secret).update(text).digest('base64');
    if (right.has(key)) return true;
    if (wrong.has(key)) return false;
    let result = comparing.get(key);
    if (result === undefined) {
      const login = { client, password, hash };
      result = compareOnce(key, login, known !== undefined).finally(() => comparing.delete(key));
      comparing.set(key, result);
    }
    return result;
  };
}

/**
 * Returns the hash with the highest cost. The password of an unknown user is compared with it, so that the time of a
 * response does not tell whether a user exists. A hash begins with its version and its cost of two digits: `$2b$10$`.
 */
function slowest(users: ReadonlyMap<string, string>): string {
  const costOf = (hash: string) => Number(hash.slice(4, 6));
  return [...users.values()].reduce((slow, hash) => (costOf(hash) > costOf(slow) ? hash : slow), '');
}
