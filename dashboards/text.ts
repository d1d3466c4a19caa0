import type { Language, Text } from '../src/alerting/rules/rule.ts';

export type { Language, Text };

/** Returns the text in the language of a dashboard. */
export type Say = (text: Text) => string;

export interface PanelText {
  readonly title: Text;
  readonly description: Text;
}

export function text(en: string, zh: string): Text {
  return { en, zh };
}

/** A text that is the same in each language, such as the label of a series. */
export function same(value: string): Text {
  return { en: value, zh: value };
}

/** Title and description of a panel. */
export function panelText(
  en: readonly [title: string, description: string],
  zh: readonly [title: string, description: string],
): PanelText {
  return { title: text(en[0], zh[0]), description: text(en[1], zh[1]) };
}
