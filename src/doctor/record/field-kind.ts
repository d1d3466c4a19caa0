/**
 * What the value of a field can be, by the name of the field. A `text` is written for people; a `value` is a
 * number, a time or a word.
 */
export type FieldKind =
  | 'stream'
  | 'app'
  | 'domain'
  | 'push_domain'
  | 'url'
  | 'id'
  | 'secret'
  | 'code'
  | 'text'
  | 'value';

const rules: readonly (readonly [RegExp, FieldKind])[] = [
  [/^(streamname|streamid|stream|channelid)$/, 'stream'],
  [/^(app|appname)$/, 'app'],
  [/^(pushdomain|publishdomain)$/, 'push_domain'],
  [/(domain|domainname|vhost|host|hostid)$/, 'domain'],
  [/(urls?|uri|link|recommend)$/, 'url'],
  [
    /^(streamparam|usrargs|authkey|txsecret)$|(token|sign|signature|secret|password|diagnosticmessage)$/,
    'secret',
  ],
  [/^(code|errorcode)$/, 'code'],
  // Codecs have IDs too, but those are no secrets.
  [/codecid$/, 'value'],
  [/(id|uid|sequence|displayname|operator|owner|user|account|creator|caller)$/, 'id'],
  [/(message|msg|reason|description|details?|text|title|name|remark|comment)$/, 'text'],
];

/** Returns the kind of a field. A name such as `Param.s.stream_id` counts from its last dot on. */
export function fieldKindOf(name: string): FieldKind {
  const plain = name
    .slice(name.lastIndexOf('.') + 1)
    .replaceAll(/[^\p{L}\p{N}]/gu, '')
    .toLowerCase();
  return rules.find(([pattern]) => pattern.test(plain))?.[1] ?? 'value';
}
