import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { releaseNotes } from '../../deploy/release/notes.ts';

const changelog = `# Changelog

## Unreleased

## 0.2.0

- [CHANGE] First entry
  on two lines, see [docs](docs/a.md) and [site](https://example.com).
- [BUGFIX] Second.

## 0.1.0

- Old.
`;
const release = { tag: 'v0.2.0', version: '0.2.0', changelog, linkBase: 'https://example.com/v0.2.0/' };

test('the changelog lists changes that need attention first, in each version', () => {
  const kinds = ['CHANGE', 'FEATURE', 'ENHANCEMENT', 'BUGFIX'];
  const sections = readFileSync('CHANGELOG.md', 'utf8').split(/^## /m).slice(1);
  const found = sections.map((section) => [...section.matchAll(/^- \[(\w+)\]/gm)].map(([, kind]) => kind));

  expect(found.flat().length).toBeGreaterThan(0);
  const ordered = (of: readonly unknown[]) => kinds.flatMap((kind) => of.filter((each) => each === kind));
  expect(found).toEqual(found.map(ordered));
});

test('returns the entries of the version, each on one line, with complete links', () => {
  expect(releaseNotes(release)).toBe(
    '- [CHANGE] First entry on two lines, see [docs](https://example.com/v0.2.0/docs/a.md) and [site](https://example.com).\n- [BUGFIX] Second.\n',
  );
});

test.each([
  ['the tag of another version', { tag: 'v0.2.1' }, 'tag v0.2.1: package.json has version 0.2.0'],
  ['a version without entries', { tag: 'v0.3.0', version: '0.3.0' }, 'CHANGELOG.md: no entries for 0.3.0'],
  [
    'entries that belong to no version',
    { changelog: changelog.replace('## Unreleased\n', '## Unreleased\n\n- New.\n') },
    'CHANGELOG.md: move the entries of "Unreleased" to a section "0.2.0"',
  ],
])('rejects %s', (_, change, message) => {
  expect(() => releaseNotes({ ...release, ...change })).toThrow(message);
});
