/**
 * Reports whether a text is probably a secret and not a name: at least 16 letters and digits without a
 * separator, with at least one digit. They can end in `=`, like base64. Keys, AccessKey IDs and hex digests
 * have this form, names of variables and files hardly ever.
 */
export function looksLikeSecret(text: string): boolean {
  return text.length >= 16 && /^[a-z\d+]+={0,2}$/i.test(text) && /\d/.test(text);
}

/**
 * Reports whether a word of a text is probably a secret: in `{key "..."}`, where the colon is missing, key and secret
 * are one text, and so are they in `{ky=...}`. Also finds the lines of a private key in PEM format, and the start of a
 * bcrypt hash, as of a user and a hash in the wrong order: a hash has dots and slashes, as names have them.
 */
export function containsSecret(text: string): boolean {
  if (/-----(?:BEGIN|END)|2[abxy]?\$\d\d\$/.test(text)) return true;
  return text.split(/[^a-z\d+/_.-]+/i).some((word) => looksLikeSecret(word) || looksLikeBase64(word));
}

/** Reports whether a word is probably a longer secret in base64. Its slashes could also be those of a path. */
function looksLikeBase64(word: string): boolean {
  return /^[a-z\d+/]{32,}={0,2}$/i.test(word) && [/[a-z]/, /[A-Z]/, /\d/].every((kind) => kind.test(word));
}

/**
 * Reports whether a path is probably a secret: if its last part looks like one, or if a part with upper-case
 * and lower-case letters does, because a token in base64 can contain slashes.
 */
export function looksLikeSecretPath(path: string): boolean {
  const parts = path.split(/[/\\]/);
  return parts.some(
    (part, i) =>
      looksLikeSecret(part) && (i === parts.length - 1 || (/[a-z]/.test(part) && /[A-Z]/.test(part))),
  );
}

/**
 * Reports whether a text is the ID of an access key at a known provider (LTAI..., STS., AKID..., or IKID... at
 * the international site). Not documented: the examples of the providers have these prefixes.
 */
export function isAccessKeyId(text: string): boolean {
  return /^(?:LTAI|[AI]KID|STS\.)[a-z\d_-]{12,}$/i.test(text) && /\d/.test(text);
}
