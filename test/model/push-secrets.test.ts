import { expect, test } from 'vitest';
import { hasPushSecret, withoutPushSecrets } from '../../src/model/push-secrets.ts';

test.each([
  ['a?txSecret=0f1e&txTime=65ab', 'a'],
  ['a?vhost=x&txSecret=0f1e&txTime=65ab', 'a?vhost=x'],
  ['a?auth_key=1700-0-0-9f&vhost=x', 'a?vhost=x'],
  ['a%3FtxSecret%3D0f1e%26txTime%3D65ab', 'a'],
  ['a%3Fauth_key%3D0f1e%26vhost%3Dx', 'a?vhost%3Dx'],
  ['a?txSecret=0f1e/+==', 'a'],
  ['a&token=0f1e&b=c', 'a&b=c'],
  ['rtmp://push.example.com/live/a?wsSecret=0f1e&wsTime=1', 'push.example.com/live/a'],
  ['rtmp://me:hunter2@push.example.com/live/a', 'push.example.com/live/a'],
  ['#!::r=live/a,m=publish,password=hunter2', '#!::r=live/a,m=publish'],
  ['txSecret=0f1e', ''],
])('cuts the secret from %s', (name, rest) => {
  expect(withoutPushSecrets(name)).toBe(rest);
  expect(withoutPushSecrets(rest)).toBe(rest);
  expect(hasPushSecret(name)).toBe(true);
});

test.each([
  '1234_xxx',
  'a?vhost=x',
  'a=b',
  'tokens',
  'a?b=assigned',
  '2+2=4?',
  'a?monkey=1',
  '%',
  'app/stream',
])('keeps %s', (name) => {
  expect(withoutPushSecrets(name)).toBe(name);
  expect(hasPushSecret(name)).toBe(false);
});

test('changes nothing in the name of a stream because of the user of its URL', () => {
  expect(withoutPushSecrets('rtmp://a%3Fb@push.example.com/live/x&y=1')).toBe('push.example.com/live/x&y=1');
});

test('reports no secret in a URL that has none', () => {
  expect(withoutPushSecrets('rtmp://push.example.com/live/a')).toBe('push.example.com/live/a');
  expect(hasPushSecret('rtmp://push.example.com/live/a')).toBe(false);
});
