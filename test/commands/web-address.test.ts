import { expect, test } from 'vitest';
import { toWebAddress } from '../../src/commands/web-address.ts';

test.each([
  [undefined, undefined, undefined, ''],
  ['', '', undefined, ''],
  ['https://monitoring.example', undefined, 'https://monitoring.example', ''],
  ['https://monitoring.example/', undefined, 'https://monitoring.example', ''],
  ['https://Monitoring.example:443/live/eu//', undefined, 'https://monitoring.example/live/eu', '/live/eu'],
  ['http://[::1]:9090/live', '/', 'http://[::1]:9090/live', ''],
  ['https://monitoring.example/live', 'other', 'https://monitoring.example/live', '/other'],
  ['https://monitoring.example/%E7%9B%B4', '/live/', 'https://monitoring.example/%E7%9B%B4', '/live'],
  [undefined, '//a/b//', undefined, '/a/b'],
])('takes %j and %j as in Prometheus', (url, prefix, externalUrl, routePrefix) => {
  expect(toWebAddress(url, prefix)).toEqual({ externalUrl, routePrefix });
});

test.each([
  ['monitoring.example', '', /^--web\.external-url: expected a URL such as .*, got "monitoring\.example"$/],
  ['/live', '', /expected a URL .*, got "\/live"$/],
  ['ftp://monitoring.example', '', /expected a URL/],
  ['"https://monitoring.example"', '', /expected a URL/],
  ['https://me:hush@monitoring.example', '', /^--web\.external-url: remove the user and the password$/],
  ['htps://me:hush@monitoring.example', '', /^--web\.external-url: expected a URL such as \S+$/],
  ['https://monitoring.example/?a=b', '', /remove the part after \? or #$/],
  ['https://monitoring.example/#a', '', /remove the part after \? or #$/],
  [
    'https://monitoring.example/%E7%9B%B4',
    '',
    /^--web\.external-url: its path is the default of --web\.route-prefix, which can contain only letters, digits and \. \/ _ ~ -; set --web\.route-prefix$/,
  ],
  ['', '/a b', /^--web\.route-prefix: "\/a b" can contain only letters, digits and/],
  ['', '/a/:key', /can contain only/],
  ['', '/a//b', /must not contain an empty part, \. or \.\.$/],
  ['', '/a/../b', /must not contain an empty part/],
])('rejects %j and %j with the reason', (url, prefix, expected) => {
  expect(() => toWebAddress(url, prefix)).toThrow(expected);
});
