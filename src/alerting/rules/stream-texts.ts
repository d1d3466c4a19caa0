import type { Text } from './rule.ts';

/** Names of a stream, as the subject of a sentence. */
export const streamText: Text = {
  en: 'Stream {{ $labels.stream }} of account {{ $labels.account }} ({{ $labels.provider }}, domain "{{ $labels.domain }}", app name "{{ $labels.app_name }}")',
  zh: '账号 {{ $labels.account }}（{{ $labels.provider }}，域名“{{ $labels.domain }}”，应用名“{{ $labels.app_name }}”）的流 {{ $labels.stream }}',
};

/** Returns the text in the middle of a sentence. */
export function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
