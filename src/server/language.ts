import type { Request } from 'express';
import Negotiator from 'negotiator';
import { type Language, languages, type Words } from './words.ts';
import { english } from './words-en.ts';
import { chinese } from './words-zh.ts';

export const words: Readonly<Record<Language, Words>> = { en: english, zh: chinese };

/** Length up to which the header Accept-Language is read. Those of browsers have less than 100 characters. */
const maxHeaderLength = 500;

/**
 * Returns the language of the response: that of the query parameter `lang`, or else the one that the header
 * Accept-Language prefers. English is the default.
 */
export function languageOf(request: Pick<Request, 'query' | 'headers'>): Language {
  const asked = languages.find((language) => language === request.query.lang);
  if (asked !== undefined) return asked;
  // All variants of Chinese, such as zh-TW, prefer the simplified Chinese of the page to English.
  const header = request.headers['accept-language']?.slice(0, maxHeaderLength);
  const accepted = new Negotiator({ headers: { 'accept-language': header } })
    .languages()
    .map((tag) => tag.toLowerCase().split('-')[0]);
  return (
    languages.find((language) => language === accepted.find((tag) => tag === 'zh' || tag === 'en')) ?? 'en'
  );
}
