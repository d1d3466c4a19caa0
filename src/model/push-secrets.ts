/*
 * Secrets of push URLs, such as `rtmp://push.example.com/live/NAME?txSecret=...&txTime=...`. Whoever has one
 * can push the stream. People copy a whole URL where the name of a stream belongs, and a publisher can put
 * anything into the name that a provider then reports.
 */

/** Separator before a parameter, also in percent-encoded form. */
const separator = String.raw`(?:^|[?&;,#|\s]|%(?:25)*(?:3f|26))`;
const parameter = new RegExp(
  String.raw`${separator}([\w.-]+)(?:=|%(?:25)*3d)(?:(?![&;,\s]|%(?:25)*26).)*`,
  'gisu',
);

/**
 * Names of parameters of push URLs that are secrets or change together with them: txSecret and txTime,
 * auth_key, and names that other providers and servers use.
 */
const secretParameter =
  /secret|auth|token|passw|pwd|credential|(^|[_-])(sign|sig$|key)|^(tx|ws|hw)time$|^expires?$/i;

const scheme = /^[a-z][a-z\d+.-]*:\/\//i;
const schemeAndUser = /^[a-z][a-z\d+.-]*:\/\/(?:[^/?#@]*@)?/i;

/**
 * Removes the secrets of a push URL from the name of a stream, and scheme and user if the name is a whole URL.
 * Other parameters stay, because they can distinguish streams. Names that differ only in such a secret become
 * the same name: a secret changes from push to push, and the stream is the same.
 */
export function withoutPushSecrets(name: string): string {
  if (!/=|%3d|%253d|:\/\//i.test(name)) return name;
  const withoutUser = name.replace(schemeAndUser, '');
  // Most URLs have no parameters, and a list can have thousands of them.
  if (!/=|3d/i.test(withoutUser)) return withoutUser;
  const rest = withoutUser.replace(parameter, (whole, key: string) =>
    secretParameter.test(key) ? '' : whole,
  );
  // If the first parameter was cut, the next one becomes the first.
  const hadQuery = /\?|%(?:25)*3f/i.test(withoutUser);
  return hadQuery && !/\?|%(?:25)*3f/i.test(rest) ? rest.replace(/&|%(?:25)*26/, '?') : rest;
}

/** Reports whether a text contains a secret of a push URL. A URL without a secret is no secret. */
export function hasPushSecret(text: string): boolean {
  return withoutPushSecrets(text) !== text.replace(scheme, '');
}
